import { Context } from '@temporalio/activity';
import type { Activities } from '../../activities/scope/contract';
import { fakeWorld } from './fake-world';
import { connectTemporal, type TemporalHarness } from './temporal';

/** Sessions in worlds of their own, all of them with one worker: to start one takes longer than most sessions here. */
export interface Worlds extends Pick<TemporalHarness, 'client' | 'taskQueue' | 'close'> {
  /** What the activities of this project's sessions do from now on. */
  give(project: string, activities: Partial<Activities>): void;
}

type Activity = (...input: unknown[]) => Promise<unknown>;

export async function openWorlds(): Promise<Worlds> {
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
  return {
    client,
    taskQueue,
    close: () => temporal.close(),
    give: (project, activities) => void given.set(project, activities),
  };
}

/** Of a session, its epics, or a run under another id. */
const isOf = (project: string, workflowId: string): boolean =>
  workflowId === `yokeflow-${project}` || /^[/-]/.test(workflowId.replace(`yokeflow-${project}`, ''));
