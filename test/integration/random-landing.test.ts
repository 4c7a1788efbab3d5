import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MERGE_STRATEGIES } from '../../domain/model';
import type { SessionResult } from '../../domain/session/session-result';
import { git, newRepository, temporaryFolder } from '../support/git-repository';
import { expectDependenciesContained } from '../support/invariants';
import { planOf, type ShortTask } from '../support/plans';
import { random } from '../support/random';
import { projectName, useSystem } from '../support/system';

const execute = promisify(execFile);

/** `YOKEFLOW_LANDING_SEEDS=30 YOKEFLOW_LANDING_FROM=1 npx jest test/integration/random-landing` */
const { YOKEFLOW_LANDING_SEEDS: count = '2', YOKEFLOW_LANDING_FROM: from = '1' } = process.env;
const seeds = Array.from({ length: Number(count) }, (_, index) => Number(from) + index);

const system = useSystem();

const FILES = ['a.txt', 'b.txt', 'c.txt'];
const LINES = 5;

interface Draw {
  /** A whole number from 0 up to `most`, exclusive. */
  below: (most: number) => number;
}

function drawFrom(seed: number): Draw {
  let n = 0;
  return { below: (most) => Math.floor(random(seed, n++) * most) };
}

/** Tasks that edit lines of a few files, so that some epics conflict; each leaves a file of its own, too. */
function randomTasks({ below }: Draw): ShortTask[] {
  const epics = 4 + below(3);
  const tasks: ShortTask[] = [];
  for (let epic = 1; epic <= epics; epic++) {
    for (let more = below(2); more >= 0; more--) {
      const id = tasks.length + 1;
      const edits = Array.from(
        { length: 1 + below(2) },
        () => `sed -i "${1 + below(LINES)}s/.*/by T${id}/" ${FILES[below(FILES.length)]}`,
      );
      const after = id > 1 && below(3) === 0 ? [1 + below(id - 1)] : [];
      tasks.push({ id, epic, after, action: [...edits, `sleep 0.${below(9)}`, `touch t${id}`].join('\n') });
    }
  }
  return tasks;
}

/** Pairs of tasks that are good alone and bad together. */
const randomClashes = ({ below }: Draw, tasks: number): string =>
  Array.from({ length: 1 + below(2) }, () => {
    const [one, other] = [1 + below(tasks), 1 + below(tasks)];
    return one === other
      ? 'true'
      : `if [ -e t${one} ] && [ -e t${other} ]; then echo T${one} and T${other} clash; exit 1; fi`;
  }).join('\n');

async function passes(verify: string, path: string, commit: string): Promise<boolean> {
  const folder = await temporaryFolder();
  const script = `git -C "$0" archive ${commit} | tar -x\n${verify}`;
  return execute('bash', ['-c', script, path], { cwd: folder }).then(
    () => true,
    () => false,
  );
}

const lines = (text: string) => text.split('\n').filter(Boolean);

/** A task's commit contains those of its dependencies, also where the epic of one of them did not land. */
function withDependencies(tasks: ShortTask[], some: ShortTask[]): number[] {
  const found = new Set<number>();
  const open = some.map(({ id }) => id);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(tasks.find((task) => task.id === id)?.after ?? []));
  }
  return [...found];
}

/** What is wrong with the repository, given what the session says of itself. */
async function broken(path: string, verify: string, tasks: ShortTask[], result: SessionResult) {
  const found: string[] = [];
  const grep = await git(path, 'grep', '--files-with-matches', '-E', '^(<<<<<<<|>>>>>>>)', 'main').catch(
    () => '',
  );
  if (grep) found.push(`markers: ${grep}`);
  for (const commit of lines(await git(path, 'rev-list', '--first-parent', 'main'))) {
    if (!(await passes(verify, path, commit))) found.push(`${commit} does not pass`);
  }
  const landed = result.epics.filter(({ mergeCommit }) => mergeCommit).map(({ epic }) => epic);
  const trailer = '--format=%(trailers:key=YokeFlow-Epic,valueonly,separator=)';
  const merged = lines(await git(path, 'log', '--first-parent', trailer, 'main')).map(Number);
  const sorted = (numbers: number[]) => String([...numbers].sort((a, b) => a - b));
  if (sorted(merged) !== sorted(landed)) found.push(`on main: ${sorted(merged)}, said: ${sorted(landed)}`);
  const there = lines(await git(path, 'ls-tree', '--name-only', 'main')).filter((name) =>
    /^t\d+$/.test(name),
  );
  const wanted = withDependencies(
    tasks,
    tasks.filter(({ epic }) => landed.includes(epic)),
  );
  const got = there.map((name) => Number(name.slice(1)));
  if (sorted(got) !== sorted(wanted))
    found.push(`tasks on main: ${sorted(got)}, of landed epics: ${sorted(wanted)}`);
  for (const epic of new Set(tasks.map((task) => task.epic))) {
    if (landed.includes(epic)) continue;
    const named = result.epics.find((one) => one.epic === epic);
    const open = tasks.filter((task) => task.epic === epic).map(({ id }) => id);
    const stopped = result.problems.filter(({ task, reason }) => open.includes(task) && reason);
    if (!named?.reason && !stopped.length) found.push(`epic ${epic} is not named`);
    if (named?.status === 'conflict' && !named.files?.length) found.push(`epic ${epic} names no files`);
  }
  const fsck = await git(path, 'fsck', '--no-dangling').catch((error: Error) => error.message);
  if (fsck) found.push(`fsck: ${fsck}`);
  const status = await git(path, 'status', '--porcelain');
  if (status) found.push(`status: ${status}`);
  return found;
}

test.each(seeds)(
  'seed %d: main is whole and green, and what is not on it is named',
  async (seed) => {
    const draw = drawFrom(seed);
    const tasks = randomTasks(draw);
    const verify = randomClashes(draw, tasks.length);
    const content = Array.from({ length: LINES }, (_, n) => `line ${n + 1}\n`).join('');
    const { path } = await newRepository(Object.fromEntries(FILES.map((name) => [name, content])));
    const project = projectName();
    await system.import(planOf(project, tasks, { verify }), path);
    const mergeStrategy = MERGE_STRATEGIES[seed % 2]!;
    const ended = await system.run({
      project,
      parallel: true,
      maxConcurrency: 4,
      maxAttempts: 1,
      mergeStrategy,
      onConflict: 'fail',
    });
    const problems = await broken(path, verify, tasks, ended.result!);
    const statuses = ended.result!.epics.map(({ epic, status }) => `${epic} ${status}`).join(', ');
    expect({ seed, mergeStrategy, verify, statuses, problems }).toMatchObject({ problems: [] });
    await expectDependenciesContained(system.db, project, path);
    process.stderr.write(`seed ${seed} ${mergeStrategy}: ${statuses}\n`);
  },
  120_000,
);
