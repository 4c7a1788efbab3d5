import { MAX_BUDGET_USD } from '../domain/cost/budget';
import { parseTaskNumber } from '../domain/numbers';
import { parseRetryRequest, type RetryRequest } from '../domain/session/retry-request';
import { MAX_CONCURRENCY } from '../domain/session/run-input';
import { takesUpdates } from '../domain/session/status-view';
import {
  stopperOf,
  type LaneId,
  type SchedulerEvent,
  type SchedulerState,
  type TaskEntry,
} from '../domain/scheduler';
import type { UpdateDefinition } from '@temporalio/common';
import { setHandler } from '@temporalio/workflow';
import { refusal } from './failure';
import {
  cancelTaskUpdate,
  pauseUpdate,
  planChangedUpdate,
  resumeUpdate,
  retryMergeUpdate,
  retryTaskUpdate,
  setBudgetUpdate,
  setMaxConcurrencyUpdate,
  SEQUENTIAL_LANE,
  skipTaskUpdate,
  type BudgetInput,
} from './messages';

export interface Control {
  /** Null until the plan is loaded. */
  state(): SchedulerState | null;
  feed(event: SchedulerEvent): void;
  /** Feeds it when its turn comes, unless `check` refuses it then. */
  ask<T>(event: SchedulerEvent, check: (state: SchedulerState) => T): Promise<T>;
  /** An update has been taken: a history has room for so many. */
  updated(): void;
  setBudget(input: BudgetInput): Promise<void>;
  /** Keeps what a person says with a retry, for the task's further tries. */
  recordRetry(request: RetryRequest): Promise<void>;
  /** Loads the plan again, and says what joined the session. */
  planChanged(): Promise<string>;
}

const refuse = (message: string) => refusal('InvalidInput', message);

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
    () => {
      control.feed({ type: 'pause' });
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
    () => {
      control.feed({ type: 'resume' });
      return 'resumed';
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
    (input) => {
      const maxConcurrency = concurrencyIn(input) as number;
      control.feed({ type: 'setMaxConcurrency', maxConcurrency });
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
      await control.setBudget(input);
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

const CANCELLABLE = ['waiting', 'ready', 'running'];
const SKIPPABLE = ['waiting', 'ready', 'failed', 'blocked'];

/** From a form that asks for input, null and an empty object come for nothing. What says more was meant for something else. */
const takesNothing =
  (update: string) =>
  (...input: unknown[]): void => {
    const given = input.find((value) => value !== null && JSON.stringify(value) !== '{}');
    if (given !== undefined) throw refuse(`${update}: takes no input, got ${JSON.stringify(given)}`);
  };

function concurrencyIn(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const { maxConcurrency, ...rest } = input as Record<string, unknown>;
  return Object.keys(rest).length > 0 ? input : maxConcurrency;
}

function validateConcurrency(input: unknown): void {
  const agents = concurrencyIn(input);
  if (typeof agents === 'number' && Number.isInteger(agents) && agents >= 1 && agents <= MAX_CONCURRENCY)
    return;
  throw refuse(
    `maxConcurrency: must be a whole number from 1 to ${MAX_CONCURRENCY}, got ${JSON.stringify(agents) ?? 'nothing'}`,
  );
}

function validateBudget(control: Control, input: unknown): void {
  loaded(control);
  const amounts = typeof input === 'number' ? { budgetUsd: input } : input;
  const problem = 'budgetUsd: must be an amount in USD above 0, such as 5';
  if (!amounts || typeof amounts !== 'object')
    throw refuse(`${problem}, got ${JSON.stringify(input) ?? 'nothing'}`);
  const { task, ...rest } = amounts as Record<string, unknown>;
  const known = Object.entries(rest).filter(([name]) => name === 'budgetUsd' || name === 'taskBudgetUsd');
  if (!known.length || known.length < Object.keys(rest).length)
    throw refuse(`${problem}, got ${JSON.stringify(input)}`);
  for (const [name, value] of known) {
    if (typeof value !== 'number' || !(value > 0))
      throw refuse(`${name}: must be an amount in USD above 0, such as 5, got ${JSON.stringify(value)}`);
    if (value > MAX_BUDGET_USD)
      throw refuse(`${name}: must be at most ${MAX_BUDGET_USD} USD, got ${JSON.stringify(value)}`);
  }
  if (task !== undefined) letIn(control, task, ['waiting', 'ready', 'running', 'failed', 'blocked']);
}

function loaded(control: Control): SchedulerState {
  const state = control.state();
  if (!state) throw refuse('session: is still starting; try again in a moment');
  refuseWhileEnding(control);
  return state;
}

function validateRetry(control: Control, input: unknown): void {
  const parsed = parseRetryRequest(input);
  if (!parsed.ok) throw refuse(parsed.message);
  stoppedIn(loaded(control), parsed.request.task);
}

function stoppedIn(state: SchedulerState, task: number): void {
  const entry = taskIn(state, task, ['failed', 'blocked']);
  const stopper = stopperOf(state, entry);
  if (stopper) throw refuse(`task: T${entry.id} ${entry.reason}; retry T${stopper.id} first, or skip it`);
}

const ending = () => refuse('session: is ending; start it again instead');

function refuseWhileEnding(control: Control): void {
  const state = control.state();
  if (!state || takesUpdates(state)) return;
  if (state.stopping === 'suspend')
    throw refuse('session: goes on with a fresh history; try again in a moment');
  throw ending();
}

/** What a session that goes on with a fresh history takes along can still be set. */
function refuseWhenOver(control: Control): void {
  if (control.state()?.stopping !== 'suspend') refuseWhileEnding(control);
}

function numberIn(input: unknown): number {
  const task = parseTaskNumber(input);
  if (task !== null) return task;
  throw refuse(`task: must be a task number such as 7 or "T7", got ${JSON.stringify(input) ?? 'nothing'}`);
}

function letIn(control: Control, input: unknown, states: string[]): void {
  const task = numberIn(input);
  taskIn(loaded(control), task, states);
}

function taskIn(state: SchedulerState, task: number, states: string[]): TaskEntry {
  const entry = state.tasks.get(task);
  if (!entry) throw refuse(`task: T${task} is not in this session`);
  if (states.includes(entry.state)) return entry;
  const remedy = entry.state === 'running' ? ': cancelTask stops it' : '';
  throw refuse(`task: T${task} is ${entry.state}${remedy}; this needs one that is ${states.join(', ')}`);
}

function validateLane(control: Control, input: unknown): void {
  const id = laneOf(input);
  if (id === null)
    throw refuse(`epic: must be an epic number such as 2, got ${JSON.stringify(input) ?? 'nothing'}`);
  laneIn(loaded(control), id);
}

function laneIn(state: SchedulerState, id: LaneId): void {
  const lane = state.lanes.get(id);
  if (!lane) throw refuse(`epic: ${id} is not in this session`);
  if (!['conflict', 'blocked', 'rejected'].includes(lane.outcome ?? '')) {
    throw refuse(`epic: ${id} does not wait for a merge`);
  }
}

/** Also `"sequential"`, for the worktree of a session that is not parallel. */
function laneOf(input: unknown): string | null {
  if (input === SEQUENTIAL_LANE) return SEQUENTIAL_LANE;
  const epic = parseTaskNumber(input, 'epic');
  return epic === null ? null : `epic-${epic}`;
}
