import { Context } from '@temporalio/activity';
import type { Activities } from '../../activities/scope/contract';
import type { WorkflowHandle } from '@temporalio/client';
import type { RunInput } from '../../domain/session/run-input';
import { fakeWorld, type FakeAnswers, type FakeWorld } from './fake-world';
import type { RandomTask } from './random-plan';
import { connectTemporal, type TemporalHarness } from './temporal';

/** Sessions in worlds of their own, all of them with one worker: to start one takes longer than most sessions here. */
export interface Worlds extends Pick<TemporalHarness, 'client' | 'taskQueue' | 'close'> {
  /** What the activities of this project's sessions do from now on. */
  give(project: string, activities: Partial<Activities>): void;
  /** Starts a session of a project that was given its activities; `more`: further arguments of the workflow. */
  run(project: string, input?: Partial<RunInput>, more?: unknown[]): Promise<WorkflowHandle>;
  /** The same in a fake world of its own; its project is a new one unless the input names it. */
  start(
    plan: RandomTask[],
    input?: Partial<RunInput>,
    answers?: FakeAnswers,
    more?: unknown[],
  ): Promise<{ world: FakeWorld; handle: WorkflowHandle; project: string }>;
}

let projects = 0;

export const newProject = (): string => `world-${process.pid}-${Date.now()}-${++projects}`;

/** Worlds for all tests of a file: there once they run, and gone after them. To be called where the file begins. */
export function useWorlds(): Worlds {
  const worlds = {} as Worlds;
  beforeAll(async () => {
    Object.assign(worlds, await openWorlds());
  });
  afterAll(() => worlds.close());
  return worlds;
}

type Activity = (...input: unknown[]) => Promise<unknown>;

async function openWorlds(): Promise<Worlds> {
  const temporal = await connectTemporal();
  const given = new Map<string, Partial<Activities>>();
  const inItsWorld =
    (name: string): Activity =>
    (...input) => {
      const { workflowId } = Context.current().info.workflowExecution!;
      const [, activities] = [...given].find(([project]) => isOf(project, workflowId))!;
      return (activities[name as keyof Activities] as Activity)(...input);
    };
  const names = Object.keys(fakeWorld([]).activities);
  await temporal.startWorker(Object.fromEntries(names.map((name) => [name, inItsWorld(name)])));
  const { client, taskQueue } = temporal;
  const worlds: Worlds = {
    client,
    taskQueue,
    close: () => temporal.close(),
    give: (project, activities) => void given.set(project, activities),
    run: (project, input = {}, more = []) =>
      client.workflow.start('runProject', {
        taskQueue,
        workflowId: `yokeflow-${project}`,
        args: [{ parallel: true, ...input, project }, ...more],
      }),
    async start(plan, input = {}, answers = {}, more = []) {
      const world = fakeWorld(plan, answers);
      const project = input.project ?? newProject();
      worlds.give(project, world.activities);
      return { world, handle: await worlds.run(project, input, more), project };
    },
  };
  return worlds;
}

/** Of a session, its epics, or a run under another id. */
const isOf = (project: string, workflowId: string): boolean =>
  workflowId === `yokeflow-${project}` || /^[/-]/.test(workflowId.replace(`yokeflow-${project}`, ''));
