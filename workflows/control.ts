import { parseTaskNumber } from '../domain/numbers';
import { MAX_CONCURRENCY } from '../domain/run-input';
import type { SchedulerEvent, SchedulerState } from '../domain/scheduler';
import { setHandler } from '@temporalio/workflow';
import { refusal } from './failure';
import {
  pauseUpdate,
  resumeUpdate,
  retryMergeUpdate,
  retryTaskUpdate,
  setBudgetUpdate,
  setMaxConcurrencyUpdate,
  skipTaskUpdate,
  type BudgetInput,
} from './messages';

export interface Control {
  /** Null until the plan is loaded. */
  state(): SchedulerState | null;
  feed(event: SchedulerEvent): void;
  setBudget(input: BudgetInput): Promise<void>;
}

const refuse = (message: string) => refusal('InvalidInput', message);

/** The updates that people send. A validator's refusal is one line that names the field. */
export function handleUpdates(control: Control): void {
  setHandler(
    pauseUpdate,
    () => {
      control.feed({ type: 'pause' });
      return 'paused: running agents finish, nothing new starts';
    },
    { description: 'Start nothing new; what runs finishes' },
  );

  setHandler(
    resumeUpdate,
    () => {
      control.feed({ type: 'resume' });
      return 'resumed';
    },
    { description: 'Go on after a pause' },
  );

  setHandler(
    setMaxConcurrencyUpdate,
    (maxConcurrency) => {
      control.feed({ type: 'setMaxConcurrency', maxConcurrency });
      return `at most ${maxConcurrency} agents at a time`;
    },
    { description: `How many agents run at once, 1 to ${MAX_CONCURRENCY}`, validator: validateConcurrency },
  );

  setHandler(
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

  setHandler(
    retryTaskUpdate,
    (input) => {
      const task = parseTaskNumber(input)!;
      control.feed({ type: 'retryTask', task });
      return `T${task} will be tried again`;
    },
    {
      description: 'Try a failed task again: 7, "T7" or {"task":7}',
      validator: (input) => void taskIn(control, input, ['failed', 'blocked']),
    },
  );

  setHandler(
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

  setHandler(
    retryMergeUpdate,
    (input) => {
      const lane = `epic-${parseTaskNumber(input)!}`;
      control.feed({ type: 'retryLanding', lane });
      return `${lane} will be merged again`;
    },
    {
      description: 'Merge an epic again, after its conflict was resolved: 2 or {"epic":2}',
      validator: (input) => validateLane(control, input),
    },
  );
}

function validateConcurrency(input: unknown): void {
  if (typeof input === 'number' && Number.isInteger(input) && input >= 1 && input <= MAX_CONCURRENCY) return;
  throw refuse(
    `maxConcurrency: must be a whole number from 1 to ${MAX_CONCURRENCY}, got ${JSON.stringify(input) ?? 'nothing'}`,
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
    if (typeof value === 'number' && Number.isFinite(value) && value > 0) continue;
    throw refuse(`${name}: must be an amount in USD above 0, such as 5, got ${JSON.stringify(value)}`);
  }
  if (task !== undefined) taskIn(control, task, ['waiting', 'ready', 'running', 'failed', 'blocked']);
}

function loaded(control: Control): SchedulerState {
  const state = control.state();
  if (!state) throw refuse('session: is still starting; try again in a moment');
  if (state.finished || state.stopping !== 'no') throw refuse('session: is ending; start it again instead');
  return state;
}

function taskIn(control: Control, input: unknown, states: string[]): void {
  const task = parseTaskNumber(input);
  if (task === null)
    throw refuse(`task: must be a task number such as 7 or "T7", got ${JSON.stringify(input) ?? 'nothing'}`);
  const entry = loaded(control).tasks.get(task);
  if (!entry) throw refuse(`task: T${task} is not in this session`);
  if (!states.includes(entry.state))
    throw refuse(`task: T${task} is ${entry.state}; this needs one that is ${states.join(', ')}`);
}

function validateLane(control: Control, input: unknown): void {
  const epic = parseTaskNumber(input);
  if (epic === null)
    throw refuse(`epic: must be an epic number such as 2, got ${JSON.stringify(input) ?? 'nothing'}`);
  const lane = loaded(control).lanes.get(`epic-${epic}`);
  if (!lane) throw refuse(`epic: ${epic} is not in this session`);
  if (!['conflict', 'blocked', 'rejected'].includes(lane.outcome ?? '')) {
    throw refuse(`epic: ${epic} does not wait for a merge`);
  }
}
