import { forgetProcess, recordProcess } from '../../../db/worktree/lease-processes';
import { assertLease, listLeases, releaseLease, renewLease, takeLease } from '../../../db/worktree/leases';
import { openFixture, type Fixture } from '../database';
import { runningSession } from '../scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture(20);
});
afterAll(() => fixture.close());

const worktree = async () => (await runningSession(fixture.db)).backend.id;
const HOUR = 3_600_000;
const take = (worktreeId: number, holder: string, staleAfterMs = HOUR) =>
  takeLease(fixture.db, { worktreeId, holder, staleAfterMs });

async function token(worktreeId: number, holder: string, staleAfterMs = HOUR): Promise<number> {
  const grant = await take(worktreeId, holder, staleAfterMs);
  if (grant.kind !== 'taken') throw new Error(`held by ${grant.holder}`);
  return grant.token;
}

test('a held lease is refused to others, and given again to its holder with a larger token', async () => {
  const worktreeId = await worktree();
  expect(await take(worktreeId, 'a')).toEqual({
    kind: 'taken',
    token: 1,
    previous: { holder: null, processes: [] },
  });
  expect(await take(worktreeId, 'b')).toMatchObject({ kind: 'held', holder: 'a' });
  expect(await token(worktreeId, 'a')).toBe(2);
});

test('an older try of the same holder, come back late, is refused even when the newer one is stale', async () => {
  const worktreeId = await worktree();
  const order = (value: number) =>
    takeLease(fixture.db, { worktreeId, holder: 'a', staleAfterMs: -1, order: value });
  expect(await order(20)).toMatchObject({ kind: 'taken' });
  expect(await order(10)).toMatchObject({ kind: 'held', holder: 'a' });
  expect(await order(20)).toMatchObject({ kind: 'taken' });
  expect(await order(30)).toMatchObject({ kind: 'taken' });
});

test('a stale or released lease goes to the next holder', async () => {
  const worktreeId = await worktree();
  await token(worktreeId, 'a');
  await new Promise((resolve) => setTimeout(resolve, 20));
  const second = await token(worktreeId, 'b', 10);
  expect(second).toBe(2);
  expect(await releaseLease(fixture.db, { worktreeId, token: second })).toBe(true);
  expect(await token(worktreeId, 'c')).toBe(3);
});

test('of 20 takers at once one gets the lease', async () => {
  const worktreeId = await worktree();
  const grants = await Promise.all(Array.from({ length: 20 }, (_, n) => take(worktreeId, `holder-${n}`)));
  expect(grants.filter((grant) => grant.kind === 'taken')).toHaveLength(1);
});

test('a superseded token renews, records, forgets, releases and asserts nothing', async () => {
  const worktreeId = await worktree();
  const old = { worktreeId, token: await token(worktreeId, 'a') };
  const current = { worktreeId, token: await token(worktreeId, 'b', -1) };
  expect(await renewLease(fixture.db, old)).toBe(false);
  expect(await recordProcess(fixture.db, { ...old, pid: 7, startedAt: '1' })).toBe(false);
  expect(await forgetProcess(fixture.db, { ...old, pid: 7 })).toBe(false);
  expect(await releaseLease(fixture.db, old)).toBe(false);
  await expect(assertLease(fixture.db, old)).rejects.toMatchObject({ name: 'LeaseLost', type: 'LeaseLost' });
  expect(await renewLease(fixture.db, current)).toBe(true);
  await expect(assertLease(fixture.db, current)).resolves.toBeUndefined();
});

test('processes stay recorded through takers and release, until they are forgotten', async () => {
  const { backend, projectId } = await runningSession(fixture.db);
  const worktreeId = backend.id;
  const first = await token(worktreeId, 'a');
  const groups = [
    { pid: 10, startedAt: 'boot/100' },
    { pid: 11, startedAt: 'boot/110' },
  ];
  for (const group of groups) {
    expect(await recordProcess(fixture.db, { worktreeId, token: first, ...group })).toBe(true);
  }
  await releaseLease(fixture.db, { worktreeId, token: first });
  const grant = await take(worktreeId, 'b');
  expect(grant).toEqual({ kind: 'taken', token: 2, previous: { holder: 'a', processes: groups } });
  expect(await forgetProcess(fixture.db, { worktreeId, token: 2, pid: 10 })).toBe(true);
  expect(await listLeases(fixture.db, projectId)).toMatchObject([{ holder: 'b', processes: [groups[1]] }]);
});

test('an asserted lease cannot be taken before the transaction ends', async () => {
  const worktreeId = await worktree();
  const held = { worktreeId, token: await token(worktreeId, 'a') };
  const order: string[] = [];
  let taking: Promise<unknown> = Promise.resolve();
  await fixture.db.transaction(async (tx) => {
    await assertLease(tx, held);
    taking = take(worktreeId, 'b', -1).then(() => order.push('taken'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    order.push('written');
  });
  await taking;
  expect(order).toEqual(['written', 'taken']);
});
