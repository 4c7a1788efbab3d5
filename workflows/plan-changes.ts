import { CancellationScope, condition } from '@temporalio/workflow';
import type { SchedulerState } from '../domain/scheduler';
import type { RunOptions } from '../domain/session/run-input';
import type { Inbox } from './inbox';
import { loadedLater, planNews, stoppedTasks } from './plan-news';
import { reloadPlan, type SessionPlan } from './plan-source';
import type { Records } from './records';

/** The plan that a session has; null until it is loaded. */
export interface PlanCell {
  get(): SessionPlan | null;
  set(plan: SessionPlan): void;
}

export interface PlanChanges {
  /** Loads the plan again, and says what joined the session. */
  load(): Promise<string>;
  /**
   * An event has been taken in. Who edits a task that has failed may be faster than the news of that: then the plan was
   * loaded while the task ran, for all that the session knew, and is loaded once more.
   */
  look(state: SchedulerState): void;
  /** The plan is being loaded. */
  busy(): boolean;
}

export function createPlanChanges(
  options: RunOptions,
  { inbox, records, plan }: { inbox: Inbox; records: Records; plan: PlanCell },
): PlanChanges {
  /** Tasks that ran, for all that is known, when somebody asked for that. */
  const ran = new Set<number>();
  let loading = 0;

  const take = async (): Promise<string> => {
    await condition(() => plan.get() !== null);
    const { sessionId, state } = plan.get()!;
    const later = loadedLater(state);
    if (later) return later;
    const stopped = stoppedTasks(state);
    // What the scheduler settled has to be on record before the record says what was edited since.
    await records.written();
    const { tasks, settled, ...rest } = await reloadPlan(options, sessionId);
    const joined = tasks.filter(({ id, standing }) => !state.tasks.has(id) && standing === 'todo').length;
    const now = plan.get()!;
    // Lanes that are known stay: the sequential one is nobody's epic.
    plan.set({ ...now, ...rest, lanes: new Map([...now.lanes, ...rest.lanes]) });
    const known = new Set(tasks.map(({ id }) => id));
    const again = stopped.filter((id) => known.has(id) && !settled.has(id));
    records.batches(sessionId, rest.batches);
    await inbox.ask({ type: 'planChanged', tasks, ...(again.length ? { again } : {}) }, () => undefined);
    return loadedLater(state) ?? planNews(joined, again);
  };
  /** One after the other: of two, the later one has seen more. */
  let last: Promise<unknown> = Promise.resolve();
  const loadInTurn = () => {
    loading += 1;
    // What is on its way when the session is cancelled comes to its end: the session waits for its records.
    const changes = CancellationScope.nonCancellable(() =>
      last
        .catch(() => undefined)
        .then(take)
        .finally(() => void loading--),
    );
    last = changes;
    return changes;
  };
  const load = () => {
    for (const { id, state } of plan.get()?.state.tasks.values() ?? []) if (state === 'running') ran.add(id);
    return loadInTurn();
  };
  const look = ({ tasks, stopping }: SchedulerState): void => {
    const over = [...ran].filter((id) => tasks.get(id)!.state !== 'running');
    for (const id of over) ran.delete(id);
    // Nobody waits for the answer of a plan that is not right.
    if (stopping === 'no' && over.some((id) => tasks.get(id)!.state === 'failed'))
      loadInTurn().catch(() => undefined);
  };
  return { load, look, busy: () => loading > 0 };
}
