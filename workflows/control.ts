import { MAX_BUDGET_USD } from '../domain/cost/budget';
import { parseTaskNumber } from '../domain/numbers';
import { parseRetryRequest, type RetryRequest } from '../domain/session/retry-request';
import { MAX_CONCURRENCY } from '../domain/session/run-input';
import { takesUpdates } from '../domain/session/status-view';
import { stopperOf, type SchedulerEvent, type SchedulerState, type TaskEntry } from '../domain/scheduler';
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
  /** An update has been taken: a history has room for so many. */
  updated(): void;
  setBudget(input: BudgetInput): Promise<void>;
  retryTask(request: RetryRequest): Promise<void>;
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

  take(
    pauseUpdate,
    () => {
      control.feed({ type: 'pause' });
      return 'paused: running agents finish, nothing new starts';
    },
    { description: 'Start nothing new; what runs finishes', validator: takesNothing('pause') },
  );

  take(
    resumeUpdate,
    () => {
      control.feed({ type: 'resume' });
      return 'resumed';
    },
    { description: 'Go on after a pause', validator: takesNothing('resume') },
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
      validator: validateConcurrency,
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
      await control.retryTask(parsed.request);
      return `T${parsed.request.task} will be tried again`;
    },
    {
      description:
        'Try a failed task again: 7, or {"task":7,"instructions":"what to do differently","model":"opus"}',
      validator: (input) => validateRetry(control, input),
    },
  );

  take(
    cancelTaskUpdate,
    (input) => {
      const task = parseTaskNumber(input)!;
      const runs = loaded(control).tasks.get(task)?.state === 'running';
      control.feed({ type: 'cancelTask', task });
      if (!runs) return `T${task} does not start; it counts as failed`;
      return `T${task} is being stopped; what it has written is kept`;
    },
    {
      description: 'Stop one task, or do not start it: 7, "T7" or {"task":7}; it counts as failed',
      validator: (input) => void taskIn(control, input, ['waiting', 'ready', 'running']),
    },
  );

  take(
    skipTaskUpdate,
    (input) => {
      const task = parseTaskNumber(input)!;
      control.feed({ type: 'skipTask', task });
      return `T${task} is skipped; its dependants go on without it`;
    },
    {
      description: 'Count a task as done without doing it: 7, "T7" or {"task":7}',
      validator: (input) => void taskIn(control, input, ['waiting', 'ready', 'failed', 'blocked']),
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
    (input) => {
      const lane = laneOf(input)!;
      control.feed({ type: 'retryLanding', lane });
      return `${lane} will be merged again`;
    },
    {
      description: 'Merge an epic again, after its conflict was resolved: 2 or {"epic":2}',
      validator: (input) => validateLane(control, input),
    },
  );
}

/** From a form that asks for input, null and an empty object come for nothing. What says more was meant for something else. */
const takesNothing =
  (update: string) =>
  (...input: unknown[]): void => {
    const given = input.find((value) => value !== null && JSON.stringify(value) !== '{}');
    if (given !== undefined) throw refuse(`${update}: takes no input, got ${JSON.stringify(given)}`);
  };

const concurrencyIn = (input: unknown): unknown =>
  typeof input === 'object' && input !== null && 'maxConcurrency' in input ? input.maxConcurrency : input;

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
  if (task !== undefined) taskIn(control, task, ['waiting', 'ready', 'running', 'failed', 'blocked']);
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
  const entry = taskIn(control, parsed.request.task, ['failed', 'blocked']);
  const stopper = stopperOf(loaded(control), entry);
  if (stopper) throw refuse(`task: T${entry.id} ${entry.reason}; retry T${stopper.id} first, or skip it`);
}

function refuseWhileEnding(control: Control): void {
  const state = control.state();
  if (!state || takesUpdates(state)) return;
  if (state.stopping === 'suspend')
    throw refuse('session: goes on with a fresh history; try again in a moment');
  throw refuse('session: is ending; start it again instead');
}

function taskIn(control: Control, input: unknown, states: string[]): TaskEntry {
  const task = parseTaskNumber(input);
  if (task === null)
    throw refuse(`task: must be a task number such as 7 or "T7", got ${JSON.stringify(input) ?? 'nothing'}`);
  const entry = loaded(control).tasks.get(task);
  if (!entry) throw refuse(`task: T${task} is not in this session`);
  if (states.includes(entry.state)) return entry;
  const remedy = entry.state === 'running' ? ': cancelTask stops it' : '';
  throw refuse(`task: T${task} is ${entry.state}${remedy}; this needs one that is ${states.join(', ')}`);
}

function validateLane(control: Control, input: unknown): void {
  const id = laneOf(input);
  if (id === null)
    throw refuse(`epic: must be an epic number such as 2, got ${JSON.stringify(input) ?? 'nothing'}`);
  const lane = loaded(control).lanes.get(id);
  if (!lane) throw refuse(`epic: ${id} is not in this session`);
  if (!['conflict', 'blocked', 'rejected'].includes(lane.outcome ?? '')) {
    throw refuse(`epic: ${id} does not wait for a merge`);
  }
}

/** Also `"sequential"`, for the worktree of a session that is not parallel. */
function laneOf(input: unknown): string | null {
  if (input === SEQUENTIAL_LANE) return SEQUENTIAL_LANE;
  const epic = parseTaskNumber(input);
  return epic === null ? null : `epic-${epic}`;
}
