import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../support/git-repository';
import type { Scenario } from './scenario';
import { processesOf } from './victims';

const trailer = (key: string) => `%(trailers:key=${key},valueonly,separator=)`;
const trailers = (key: string) => `%(trailers:key=${key},valueonly)`;
const sorted = (values: Iterable<number | string>) => [...values].map(Number).sort((a, b) => a - b);
const listed = (text: string) => sorted(text.split('\n').filter(Boolean));

/** What is wrong with repository, checkout and processes; empty when the session came out whole. */
export async function brokenInGit(scenario: Scenario): Promise<string[]> {
  const { plan, input, repository, status } = scenario;
  const broken: string[] = [];
  const expectSame = (what: string, got: unknown, wanted: unknown) => {
    const [is, must] = [JSON.stringify(got), JSON.stringify(wanted)];
    if (is !== must) broken.push(`${what}: ${is} instead of ${must}`);
  };
  const ids = sorted(plan.epics.flatMap((epic) => epic.tasks.map((task) => task.id)));
  const epics = sorted(plan.epics.map((epic) => epic.id));

  // When squashing, the true history is that of the integration ref.
  const history = input.mergeStrategy === 'squash' ? 'refs/yokeflow/integration/main' : 'main';
  const commits = await git(
    repository,
    'log',
    '--no-merges',
    `--format=${trailer('YokeFlow-Task')}/${trailer('YokeFlow-Epic')}`,
    history,
  );
  // A squash names its epic, and the tasks whose commits it takes the place of.
  const ofTasks = commits.split('\n').flatMap((line) => (line.endsWith('/') ? [line.slice(0, -1)] : []));
  expectSame(`commits of tasks in ${history}`, sorted(ofTasks.filter(Boolean)), ids);
  if (input.parallel) {
    const merges = await git(
      repository,
      'log',
      '--first-parent',
      `--format=${trailer('YokeFlow-Epic')}`,
      'main',
    );
    expectSame('merges of epics in main', listed(merges), epics);
  }
  const told = await git(repository, 'log', '--no-merges', `--format=${trailers('YokeFlow-Task')}`, 'main');
  expectSame('tasks that main tells of', listed(told), ids);
  const pins = await git(repository, 'for-each-ref', '--format=%(refname:lstrip=3)', 'refs/yokeflow/tasks');
  expectSame('pins', listed(pins), ids);

  expectSame('checkout', await git(repository, 'status', '--porcelain'), status);
  expectSame('branch checked out', await git(repository, 'symbolic-ref', '--short', 'HEAD'), 'main');
  expectSame('branches', await git(repository, 'branch', '--list', '--format=%(refname:short)'), 'main');
  const worktrees = await git(repository, 'worktree', 'list', '--porcelain');
  expectSame('worktrees', worktrees.split('\n').filter((line) => line.startsWith('worktree ')).length, 1);
  expectSame('.worktrees', existsSync(join(repository, '.worktrees')), false);
  expectSame('half landings', await git(repository, 'for-each-ref', 'refs/yokeflow/landing'), '');
  expectSame('lock files and journals', await leftovers(join(repository, '.git')), []);
  const fsck = await git(repository, 'fsck', '--full', '--no-dangling').catch(
    (error: Error) => error.message,
  );
  expectSame('fsck', fsck, '');
  expectSame(
    'processes',
    (await processesOf(repository)).map(({ command }) => command),
    [],
  );

  for (const [file, content] of Object.entries(scenario.files ?? {})) {
    const got = await git(repository, 'show', `main:${file}`).catch(() => 'no such file');
    expectSame(file, got, content);
  }
  if (scenario.tree) expectSame('tree', await git(repository, 'rev-parse', 'main^{tree}'), scenario.tree);
  if (scenario.files)
    expectSame('mine.txt', await readFile(join(repository, 'mine.txt'), 'utf8'), 'my edit\n');
  return broken;
}

async function leftovers(gitDir: string): Promise<string[]> {
  const files = await readdir(gitDir, { recursive: true });
  return files.filter((file) => file.endsWith('.lock') || /^yokeflow\/advance-.*\.json/.test(file)).sort();
}
