import { patiently } from '../../../agents/contract/patience';
import { openFixture, type Fixture } from '../../db/database';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture(4);
});
afterAll(() => fixture.close());

const insert =
  'insert into yokeflow.projects (name, repo_path, git_dir, base_branch) values ($1, $1, $1, $1)';
const move = (name: string) =>
  [`update yokeflow.projects set updated_at = now() where name = $1`, [name]] as const;

/** Moves two rows, one after the other, and waits in between until `meanwhile` has come to its end. */
const moveBoth = (first: string, second: string, meanwhile: Promise<void>, begun: () => void) =>
  fixture.db.transaction(async (tx) => {
    await tx.query(...move(first));
    begun();
    await meanwhile;
    await tx.query(...move(second));
  });

interface Latch {
  open: () => void;
  opened: Promise<void>;
}

function latch(): Latch {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

test('of two records that block each other both are made: what was paid for is not paid again', async () => {
  for (const name of ['first', 'second']) await fixture.db.query(insert, [name]);
  const [one, other] = [latch(), latch()];
  let tries = 0;
  const record = (first: string, second: string, mine: Latch, theirs: Latch) =>
    patiently(
      () => (tries++, moveBoth(first, second, theirs.opened, mine.open)),
      AbortSignal.timeout(30_000),
    );
  await Promise.all([record('first', 'second', one, other), record('second', 'first', other, one)]);
  expect(tries).toBe(3);
});

test('a record for which the server took too long is made again', async () => {
  let tries = 0;
  const slow = () =>
    fixture.db.transaction(async (tx) => {
      if (tries++ > 0) return;
      await tx.query("set local statement_timeout = '50ms'");
      await tx.query('select pg_sleep(10)');
    });
  await patiently(slow, AbortSignal.timeout(30_000));
  expect(tries).toBe(2);
});

test('what is wrong with the statement itself is told at once', async () => {
  let tries = 0;
  const wrong = () => (tries++, fixture.db.query('select nonsense'));
  await expect(patiently(wrong, AbortSignal.timeout(30_000))).rejects.toMatchObject({ code: '42703' });
  expect(tries).toBe(1);
});
