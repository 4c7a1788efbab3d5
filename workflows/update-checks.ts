import { MAX_BUDGET_USD } from '../domain/cost/budget';
import { parseTaskNumber } from '../domain/numbers';
import { stopperOf, type LaneId, type SchedulerState, type TaskEntry } from '../domain/scheduler';
import { parseRetryRequest } from '../domain/session/retry-request';
import { MAX_CONCURRENCY } from '../domain/session/run-input';
import { takesUpdates } from '../domain/session/status-view';
import { refusal } from './failure';
import { SEQUENTIAL_LANE, type BudgetInput } from './messages';

/** The session that an update is for. What is wrong with one is told in one line that names the field. */
export interface LoadedSession {
  /** Null until the plan is loaded. */
  state(): SchedulerState | null;
}

export const refuse = (message: string) => refusal('InvalidInput', message);

export const CANCELLABLE = ['waiting', 'ready', 'running'];
export const SKIPPABLE = ['waiting', 'ready', 'failed', 'blocked'];

/** From a form that asks for input, null and an empty object come for nothing. What says more was meant for something else. */
export const takesNothing =
  (update: string) =>
  (...input: unknown[]): void => {
    const given = input.find((value) => value !== null && JSON.stringify(value) !== '{}');
    if (given !== undefined) throw refuse(`${update}: takes no input, got ${JSON.stringify(given)}`);
  };

export function concurrencyIn(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const { maxConcurrency, ...rest } = input as Record<string, unknown>;
  return Object.keys(rest).length > 0 ? input : maxConcurrency;
}

export function validateConcurrency(input: unknown): void {
  const agents = concurrencyIn(input);
  if (typeof agents === 'number' && Number.isInteger(agents) && agents >= 1 && agents <= MAX_CONCURRENCY)
    return;
  throw refuse(
    `maxConcurrency: must be a whole number from 1 to ${MAX_CONCURRENCY}, got ${JSON.stringify(agents) ?? 'nothing'}`,
  );
}

/** What is to be set, named as PostgreSQL names it. */
export interface BudgetRequest {
  budgetUsd?: number;
  taskBudgetUsd?: number;
  task?: number;
}

/** Of an input that `validateBudget` let in. */
export function budgetIn(input: BudgetInput): BudgetRequest {
  if (typeof input === 'number') return { budgetUsd: input };
  const { task, ...amounts } = input;
  return task === undefined ? amounts : { ...amounts, task: numberIn(task) };
}

export function validateBudget(session: LoadedSession, input: unknown): void {
  loaded(session);
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
  if (task !== undefined) letIn(session, task, ['waiting', 'ready', 'running', 'failed', 'blocked']);
}

function loaded(session: LoadedSession): SchedulerState {
  const state = session.state();
  if (!state) throw refuse('session: is still starting; try again in a moment');
  refuseWhileEnding(session);
  return state;
}

export function validateRetry(session: LoadedSession, input: unknown): void {
  const parsed = parseRetryRequest(input);
  if (!parsed.ok) throw refuse(parsed.message);
  stoppedIn(loaded(session), parsed.request.task);
}

export function stoppedIn(state: SchedulerState, task: number): void {
  const entry = taskIn(state, task, ['failed', 'blocked']);
  const stopper = stopperOf(state, entry);
  if (stopper) throw refuse(`task: T${entry.id} ${entry.reason}; retry T${stopper.id} first, or skip it`);
}

export const ending = () => refuse('session: is ending; start it again instead');

export function refuseWhileEnding(session: LoadedSession): void {
  const state = session.state();
  if (!state || takesUpdates(state)) return;
  if (state.stopping === 'suspend')
    throw refuse('session: goes on with a fresh history; try again in a moment');
  throw ending();
}

/** What a session that goes on with a fresh history takes along can still be set. */
export function refuseWhenOver(session: LoadedSession): void {
  if (session.state()?.stopping !== 'suspend') refuseWhileEnding(session);
}

export function numberIn(input: unknown): number {
  const task = parseTaskNumber(input);
  if (task !== null) return task;
  throw refuse(`task: must be a task number such as 7 or "T7", got ${JSON.stringify(input) ?? 'nothing'}`);
}

export function letIn(session: LoadedSession, input: unknown, states: string[]): void {
  const task = numberIn(input);
  taskIn(loaded(session), task, states);
}

export function taskIn(state: SchedulerState, task: number, states: string[]): TaskEntry {
  const entry = state.tasks.get(task);
  if (!entry) throw refuse(`task: T${task} is not in this session`);
  if (states.includes(entry.state)) return entry;
  const remedy = entry.state === 'running' ? ': cancelTask stops it' : '';
  throw refuse(`task: T${task} is ${entry.state}${remedy}; this needs one that is ${states.join(', ')}`);
}

export function validateLane(session: LoadedSession, input: unknown): void {
  const id = laneOf(input);
  if (id === null)
    throw refuse(`epic: must be an epic number such as 2, got ${JSON.stringify(input) ?? 'nothing'}`);
  laneIn(loaded(session), id);
}

export function laneIn(state: SchedulerState, id: LaneId): void {
  const lane = state.lanes.get(id);
  if (!lane) throw refuse(`epic: ${id} is not in this session`);
  if (!['conflict', 'blocked', 'rejected', 'lost'].includes(lane.outcome ?? '')) {
    throw refuse(`epic: ${id} does not wait for a merge`);
  }
}

/** Also `"sequential"`, for the worktree of a session that is not parallel. */
export function laneOf(input: unknown): string | null {
  if (input === SEQUENTIAL_LANE) return SEQUENTIAL_LANE;
  const epic = parseTaskNumber(input, 'epic');
  return epic === null ? null : `epic-${epic}`;
}
