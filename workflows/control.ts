import type { UpdateDefinition } from '@temporalio/common';
import { setHandler } from '@temporalio/workflow';
import type { SchedulerEvent, SchedulerState } from '../domain/scheduler';
import { parseRetryRequest, type RetryRequest } from '../domain/session/retry-request';
import { MAX_CONCURRENCY } from '../domain/session/run-input';
import {
  cancelTaskUpdate,
  pauseUpdate,
  planChangedUpdate,
  resumeUpdate,
  retryMergeUpdate,
  retryTaskUpdate,
  setBudgetUpdate,
  setMaxConcurrencyUpdate,
  skipTaskUpdate,
} from './messages';
import {
  budgetIn,
  CANCELLABLE,
  concurrencyIn,
  ending,
  laneIn,
  laneOf,
  letIn,
  numberIn,
  refuse,
  refuseWhenOver,
  refuseWhileEnding,
  SKIPPABLE,
  stoppedIn,
  takesNothing,
  taskIn,
  validateBudget,
  validateConcurrency,
  validateLane,
  validateRetry,
  type BudgetRequest,
  type LoadedSession,
} from './update-checks';

export interface Control extends LoadedSession {
  /**
   * Feeds it, and comes back once it is taken in, where that is soon. An answer that does not wait for that comes before or
   * after what it leads to, as it happens: a worker that begins gets the last signal of the history and an
   * update at once, a later one one after the other (temporalio/sdk-python#1591), and could not go on.
   * @returns whether the session was paused when its turn came, if it came by then
   */
  tell(event: SchedulerEvent): Promise<boolean | void>;
  /** Feeds it when its turn comes, unless `check` refuses it then. */
  ask<T>(event: SchedulerEvent, check: (state: SchedulerState) => T): Promise<T>;
  /** An update has been taken: a history has room for so many. */
  updated(): void;
  setBudget(budget: BudgetRequest): Promise<void>;
  /** Keeps what a person says with a retry, for the task's further tries. */
  recordRetry(request: RetryRequest): Promise<void>;
  /** Loads the plan again, and says what joined the session. */
  planChanged(): Promise<string>;
}

/** The updates that people send. A validator's refusal is one line that names the field. */
export function handleUpdates(control: Control): void {
  const take = <Answer, Input extends unknown[]>(
    update: UpdateDefinition<Answer, Input>,
    handler: (...input: Input) => Answer | Promise<Answer>,
    options: { description: string; validator: (...input: Input) => void },
  ): void => {
    const counted = (...input: Input) => {
      const answer = handler(...input);
      control.updated();
      return answer;
    };
    setHandler(update, counted, options);
  };

  /** What was right at the door may be so no more when its turn comes: then the answer says so. */
  const ask = <T>(event: SchedulerEvent, check: (state: SchedulerState) => T): Promise<T> =>
    control.ask(event, (state) => {
      if (state.stopping === 'cancel') throw ending();
      return check(state);
    });

  take(
    pauseUpdate,
    async () => {
      await control.tell({ type: 'pause' });
      return 'paused: running agents finish, nothing new starts';
    },
    {
      description: 'Start nothing new; what runs finishes',
      validator(...input: unknown[]) {
        takesNothing('pause')(...input);
        refuseWhenOver(control);
      },
    },
  );

  take(
    resumeUpdate,
    async () => {
      const wasPaused = await control.tell({ type: 'resume' });
      return wasPaused === false ? 'it was not paused: it goes on' : 'resumed';
    },
    {
      description: 'Go on after a pause',
      validator(...input: unknown[]) {
        takesNothing('resume')(...input);
        refuseWhenOver(control);
      },
    },
  );

  take(
    setMaxConcurrencyUpdate,
    async (input) => {
      const maxConcurrency = concurrencyIn(input) as number;
      await control.tell({ type: 'setMaxConcurrency', maxConcurrency });
      return `at most ${maxConcurrency} agents at a time`;
    },
    {
      description: `How many agents run at once, 1 to ${MAX_CONCURRENCY}: 5, or {"maxConcurrency":5}`,
      validator(input) {
        validateConcurrency(input);
        refuseWhenOver(control);
      },
    },
  );

  take(
    setBudgetUpdate,
    async (input) => {
      await control.setBudget(budgetIn(input));
      return 'the budget is set; what waited for it goes on';
    },
    {
      description:
        'USD for the session: 5, or {"budgetUsd":5,"taskBudgetUsd":1}, or {"task":7,"budgetUsd":2}',
      validator: (input) => validateBudget(control, input),
    },
  );

  take(
    retryTaskUpdate,
    async (input) => {
      const parsed = parseRetryRequest(input);
      if (!parsed.ok) throw refuse(parsed.message);
      const { task } = parsed.request;
      await control.recordRetry(parsed.request);
      await ask({ type: 'retryTask', task }, (state) => stoppedIn(state, task));
      return `T${task} will be tried again`;
    },
    {
      description:
        'Try a failed task again: 7, or {"task":7,"instructions":"what to do differently","model":"opus"}',
      validator: (input) => validateRetry(control, input),
    },
  );

  take(
    cancelTaskUpdate,
    async (input) => {
      const task = numberIn(input);
      const was = await ask({ type: 'cancelTask', task }, (state) => taskIn(state, task, CANCELLABLE).state);
      if (was !== 'running') return `T${task} does not start; it counts as failed`;
      return `T${task} is being stopped; what it has written is kept`;
    },
    {
      description: 'Stop one task, or do not start it: 7, "T7" or {"task":7}; it counts as failed',
      validator: (input) => void letIn(control, input, CANCELLABLE),
    },
  );

  take(
    skipTaskUpdate,
    async (input) => {
      const task = numberIn(input);
      await ask({ type: 'skipTask', task }, (state) => taskIn(state, task, SKIPPABLE));
      return `T${task} is skipped; its dependants go on without it`;
    },
    {
      description: 'Count a task as done without doing it: 7, "T7" or {"task":7}',
      validator: (input) => void letIn(control, input, SKIPPABLE),
    },
  );

  take(planChangedUpdate, () => control.planChanged(), {
    description: 'The plan was edited: load it again, so that new tasks join the session',
    validator: (...input: unknown[]) => {
      takesNothing('planChanged')(...input);
      refuseWhileEnding(control);
    },
  });

  take(
    retryMergeUpdate,
    async (input) => {
      const lane = laneOf(input)!;
      await ask({ type: 'retryLanding', lane }, (state) => laneIn(state, lane));
      return `${lane} will be merged again`;
    },
    {
      description: 'Merge an epic again, after its conflict was resolved: 2 or {"epic":2}',
      validator: (input) => validateLane(control, input),
    },
  );
}
