import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentName } from '../../domain/model';
import type { Plan } from '../../domain/plan/plan';
import { parsePlan } from '../../domain/plan/plan-parse';
import type { RunInput } from '../../domain/session/run-input';
import { git, newRepository, temporaryFolder, write } from '../support/git-repository';
import { planOf, type ShortTask } from '../support/plans';
import { random } from '../support/random';

/** One session that is to come out whole. */
export interface Scenario {
  plan: Plan;
  repository: string;
  input: RunInput;
  workers: number;
  /** Paths on the base branch and what is in them; null for a case that is known by its tree. */
  files: Record<string, string> | null;
  tree: string | null;
  /** What the user has in the checkout, uncommitted, before and after. */
  status: string;
}

const PROJECT = 'chaos';
/** An agent whose process is killed has failed: enough tries for all kills of a run. */
const TRIES = 10;

/** 3 epics of 9 tasks with dependencies across, and an epic that nothing depends on. */
const SHAPE: { id: number; epic: number; after?: number[] }[] = [
  { id: 1, epic: 1 },
  { id: 2, epic: 1, after: [1] },
  { id: 3, epic: 2, after: [2] },
  { id: 4, epic: 2 },
  { id: 5, epic: 2, after: [3, 4] },
  { id: 6, epic: 3 },
  { id: 7, epic: 3, after: [3] },
  { id: 8, epic: 3, after: [5, 7] },
  { id: 9, epic: 4 },
];

/** Ends only if somebody ends it: what is left of it shows that nobody did. */
export const BACKGROUND = 'sleep 300 > /dev/null 2>&1 &';

const script = (id: number): string =>
  [
    `${BACKGROUND} echo start >> f${id}`,
    'sleep 0.5',
    `echo end >> f${id}`,
    // Every third commits by itself.
    ...(id % 3 === 0 ? [`git add f${id}`, `git commit --quiet -m "own ${id}"`] : []),
  ].join('; ');

const VERIFY = 'sleep 0.1; for file in f[0-9]*; do test "$(tail -n 1 "$file")" = end; done';

/** What varies from seed to seed besides the kills. */
function variant(seed: number): Pick<Scenario, 'input' | 'workers'> {
  const sequential = seed % 8 === 0;
  return {
    workers: 1 + Math.round(random(seed, -1)),
    input: {
      project: PROJECT,
      maxAttempts: TRIES,
      ...(sequential
        ? {}
        : {
            parallel: true,
            mergeStrategy: random(seed, -2) < 0.5 ? 'regular' : 'squash',
            scheduling: random(seed, -3) < 0.7 ? 'dependencies' : 'batches',
          }),
    },
  };
}

/** A repository whose checkout has work of the user's own in it. */
export async function checkout(): Promise<Pick<Scenario, 'repository' | 'status'>> {
  const { path } = await newRepository({ 'a.txt': '1\n', 'mine.txt': 'old\n' });
  await write(path, { 'mine.txt': 'my edit\n', 'untracked.txt': 'new\n' });
  return { repository: path, status: 'M mine.txt\n?? untracked.txt' };
}

const tasks = (agent: AgentName, action: (id: number) => string): ShortTask[] =>
  SHAPE.map((task) => ({ ...task, agent, action: action(task.id) }));

/** The whole plan as shell scripts. */
export async function scriptScenario(seed: number): Promise<Scenario> {
  return {
    ...variant(seed),
    ...(await checkout()),
    plan: planOf(PROJECT, tasks('script', script), { verify: VERIFY }),
    files: Object.fromEntries(SHAPE.map(({ id }) => [`f${id}`, 'start\nend'])),
    tree: null,
  };
}

/** The last step that the model takes in each task, see `chaos-model.ts`. */
export const LAST_STEP = 3;

/** The whole plan for the Claude agent. */
export async function agentScenario(seed: number): Promise<Scenario> {
  const { input, workers } = variant(seed);
  return {
    workers,
    input: { ...input, model: 'haiku' },
    ...(await checkout()),
    plan: planOf(
      PROJECT,
      tasks('claude', (id) => `Write f${id}`),
    ),
    files: Object.fromEntries(SHAPE.map(({ id }) => [`f${id}`, `step ${LAST_STEP}`])),
    tree: null,
  };
}

/** A case of one's own: a folder with `repo` and `plan.json`, and the tree that has to come out. */
export async function caseScenario(seed: number, folder: string, tree: string): Promise<Scenario> {
  const file = join(folder, 'plan.json');
  const parsed = parsePlan(await readFile(file, 'utf8'), file);
  if (!parsed.ok) throw new Error(`${file}: ${JSON.stringify(parsed.errors)}`);
  const { input, workers } = variant(seed);
  const repository = join(await temporaryFolder(), 'repo');
  await git(folder, 'clone', '--quiet', join(folder, 'repo'), repository);
  await git(repository, 'remote', 'remove', 'origin');
  await write(repository, { 'untracked-by-chaos.txt': 'new\n' });
  return {
    workers,
    input: { ...input, project: parsed.plan.project },
    plan: parsed.plan,
    repository,
    files: null,
    tree,
    status: '?? untracked-by-chaos.txt',
  };
}
