import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  claimRepository,
  newClaim,
  otherHolder,
  requireNotOthers,
  takeOver,
} from '../../../git/repository/claim';
import type { Repository } from '../../../git/repository/repository';
import { git, newRepository, removeTemporaryFolders, temporaryFolder } from '../../support/git-repository';

afterAll(removeTemporaryFolders);

let repo: Repository;
let file: string;
beforeEach(async () => {
  repo = await newRepository();
  file = join(repo.gitDir, 'yokeflow', 'claim.json');
});

const ours = newClaim('ours', { home: '/home/ann/.yokeflow', server: 'yokeflow at 127.0.0.1:5433' });
const others = newClaim('others', { home: '/ci/.yokeflow', server: 'plans' });
const HELD =
  /holds the work of another database of YokeFlow \(\S+ on \S+, home \/home\/ann\/\.yokeflow, .*:5433, since/;
const REMEDY = /yokeflow worktrees recover --project app --take-over$/;

test('the first one has the repository, for good; another one is told who that is, and what to do', async () => {
  await claimRepository(repo, ours, 'app');
  await claimRepository(repo, newClaim('ours', { home: '/moved', server: 'elsewhere' }), 'app');
  await expect(claimRepository(repo, others, 'app')).rejects.toMatchObject({
    name: 'RepositoryProblem',
    message: expect.stringMatching(HELD),
  });
  await expect(claimRepository(repo, others, 'app')).rejects.toThrow(REMEDY);
  await expect(requireNotOthers(repo, { name: 'app', databaseId: 'others' })).rejects.toThrow(REMEDY);
  await requireNotOthers(repo, { name: 'app', databaseId: 'ours' });
  expect(await otherHolder(repo, 'others')).toMatch(/^another database of YokeFlow \(/);
  expect(await otherHolder(repo, 'ours')).toBeNull();
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(ours);
  expect(await git(repo.path, 'status', '--porcelain')).toBe('');
});

test('of many that begin at once, one has it', async () => {
  const all = Array.from({ length: 20 }, (_, n) => newClaim(`database ${n}`, { home: '/h', server: 's' }));
  const ends = await Promise.allSettled(all.map((claim) => claimRepository(repo, claim, 'app')));
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const winner = all[ends.findIndex(({ status }) => status === 'fulfilled')]!;
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(winner);
  expect(await readdir(join(repo.gitDir, 'yokeflow'))).toEqual(['claim.json']);
});

test('what a process that was killed left beside it does no harm', async () => {
  await mkdir(join(repo.gitDir, 'yokeflow'));
  await writeFile(`${file}.1234`, '{"database":"o');
  await claimRepository(repo, ours, 'app');
  expect(await otherHolder(repo, 'others')).not.toBeNull();
});

test('it is taken over on purpose only, and whoever had it is the one that is refused from then on', async () => {
  expect(await takeOver(repo, ours)).toBeNull();
  expect(await takeOver(repo, ours)).toBeNull();
  expect(await takeOver(repo, others)).toMatch(/home \/home\/ann\/\.yokeflow/);
  await claimRepository(repo, others, 'app');
  await expect(claimRepository(repo, ours, 'app')).rejects.toThrow(
    /home \/ci\/\.yokeflow, database plans, since/,
  );
});

test('a copy of the repository is held as the repository is, a clone is nobody’s', async () => {
  await claimRepository(repo, ours, 'app');
  const [copy, clone] = [`${await temporaryFolder()}/copy`, `${await temporaryFolder()}/clone`];
  await cp(repo.path, copy, { recursive: true });
  await git(repo.path, 'clone', '--quiet', repo.path, clone);
  const at = (path: string) => ({ path, gitDir: join(path, '.git') });
  await claimRepository(at(copy), ours, 'app');
  await expect(claimRepository(at(copy), others, 'app')).rejects.toThrow(HELD);
  await claimRepository(at(clone), others, 'app');
});

/** What an agent may leave there; the folder is there already. */
const NONSENSE: Record<string, () => Promise<unknown>> = {
  'an empty file': () => writeFile(file, ''),
  'half a claim': () => writeFile(file, JSON.stringify(ours).slice(0, 40)),
  'another JSON': () => writeFile(file, '{"database":7}'),
  'a list': () => writeFile(file, 'null'),
  'a large file': () => writeFile(file, ' '.repeat(100_000)),
  'a folder': () => mkdir(file),
  'a link': () => symlink('/dev/zero', file),
  'a pipe': () => promisify(execFile)('mkfifo', [file]),
};
test.each(Object.keys(NONSENSE))('%s: no session stops for it, and none begins', async (kind) => {
  await mkdir(join(repo.gitDir, 'yokeflow'));
  await NONSENSE[kind]!();
  expect(await otherHolder(repo, 'ours')).toBeNull();
  await expect(claimRepository(repo, ours, 'app')).rejects.toMatchObject({
    name: 'RepositoryProblem',
    message: expect.stringMatching(
      /^nobody can tell whose work .*claim\.json cannot be read: .* --project app --take-over$/,
    ),
  });
  await takeOver(repo, ours);
  await claimRepository(repo, ours, 'app');
});

test('what somebody has written there does not steer a terminal, and is one line', async () => {
  await mkdir(join(repo.gitDir, 'yokeflow'));
  await writeFile(file, JSON.stringify({ database: 'x', by: `\x1b[2J\n${'a'.repeat(3000)}`, since: '\x07' }));
  const text = await otherHolder(repo, 'ours');
  expect(text).toMatch(/^another database of YokeFlow \(␛\[2J a+, since ␇\)$/);
  expect(text!.length).toBeLessThan(400);
});

test('where nothing can be written, the line says where', async () => {
  await writeFile(join(repo.gitDir, 'yokeflow'), 'a file');
  await expect(claimRepository(repo, ours, 'app')).rejects.toThrow(
    /yokeflow may not be written to \(EEXIST\): let the user/,
  );
  await rm(join(repo.gitDir, 'yokeflow'));
  await claimRepository(repo, ours, 'app');
});
