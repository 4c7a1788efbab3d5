import {
  allHandlersFinished,
  CancellationScope,
  condition,
  setCurrentDetails,
  sleep,
} from '@temporalio/workflow';
import { startOf } from '../domain/cut-text';
import { detailsText } from '../domain/session/details-text';
import type { RetryRequest } from '../domain/session/retry-request';
import type { RunOptions } from '../domain/session/run-input';
import { step, type SchedulerCommand, type SchedulerEvent, type SchedulerState } from '../domain/scheduler';
import {
  statusView,
  type SessionFacts,
  type StartedTask,
  type StatusView,
} from '../domain/session/status-view';
import { createBudgetHolds } from './budget-holds';
import { isTimeToDrain, type DrainLimits } from './drain';
import { createGate, type Gate } from './gate';
import { createInbox } from './inbox';
import { createLanes, type Lanes } from './lanes';
import { laneId, type TaskHeld } from './messages';
import { loadedLater, planNews, stoppedTasks } from './plan-news';
import { loadPlan, reloadPlan, type Beginning, type SessionPlan } from './plan-source';
import { short } from './proxies';
import { createRecords } from './records';
import { createSessionAttributes } from './session-attributes';
import { createSpending } from './spending';
import type { BudgetRequest } from './update-checks';
import { createWaitingBar, waitingFor } from './waiting-bar';
import type { CostChanged, OpenedSession, TaskSettled } from '../activities/scope/contract';

/** Whatever the provider says about when its limit ends, it is asked again after a day. */
const LONGEST_LIMIT_MS = 24 * 60 * 60_000;

/** The control loop of a session: events go from the inbox into the scheduler, its commands are carried out. */
export interface Session {
  feed(event: SchedulerEvent): void;
  ask<T>(event: SchedulerEvent, check: (state: SchedulerState) => T): Promise<T>;
  settled(message: TaskSettled): void;
  held(message: TaskHeld): void;
  costChanged(message: CostChanged): void;
  updated(): void;
  setBudget(budget: BudgetRequest): Promise<void>;
  recordRetry(request: RetryRequest): Promise<void>;
  planChanged(): Promise<string>;
  state(): SchedulerState | null;
  view(): StatusView;
  /** Lanes that ended without a result, for the session's own result. */
  lost(): { epic: number | null; reason: string }[];
  /** Runs until nothing is left to do, or until it was stopped. */
  run(opened: OpenedSession, how: Beginning): Promise<'finished' | 'suspended' | 'cancelled'>;
}

/** What a person asked for comes to its end when the session is cancelled: it waits for that. */
const toItsEnd = <T>(work: () => Promise<T>): Promise<T> => CancellationScope.nonCancellable(work);

const namesOf = ({ lanes }: SessionPlan): Map<string, string> =>
  new Map([...lanes].map(([id, { name }]) => [id, name]));

const verificationOf = ({ verification }: { verification?: number }) =>
  verification === undefined ? {} : { verification };

/** `14:03:22`, UTC: the workflow's own clock, which a replay shows again. */
const clock = () => new Date().toISOString().slice(11, 19);

/** `2026-11-25 14:03 UTC` */
const timeIn = (ms: number) =>
  `${new Date(Date.now() + Math.min(ms, LONGEST_LIMIT_MS)).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

export function createSession(options: RunOptions, limits: DrainLimits = {}): Session {
  const inbox = createInbox();
  const records = createRecords();
  const bar = createWaitingBar();
  const spending = createSpending();
  const started = new Map<number, StartedTask>();
  const facts: SessionFacts = {
    project: options.project,
    sessionId: null,
    parallel: options.parallel,
    options,
    costUsd: 0,
    budgetUsd: options.budgetUsd ?? null,
    taskCosts: spending.tasks,
    laneNames: new Map(),
    started,
  };
  const holds = createBudgetHolds();
  let plan: SessionPlan | null = null;
  let updates = 0;
  let lanes: Lanes;
  let gate: Gate;

  const charge = (task: number, costUsd: number): void => {
    spending.charge(task, costUsd);
    facts.costUsd = spending.usd();
  };

  const carryOut = (command: SchedulerCommand): void => {
    const { sessionId, titles } = plan!;
    switch (command.type) {
      case 'startTask':
        holds.looks(command.lane);
        started.set(command.task, { ...titles.get(command.task)!, since: clock() });
        return order(
          command.lane,
          { kind: 'task', task: command.task, ...titles.get(command.task)! },
          records.reopened(),
        );
      case 'continueLane':
        return goOn(command.lane);
      case 'cancelTask':
        return order(command.lane, { kind: 'cancel', task: command.task });
      case 'landStack':
        return gate.land(command.stack);
      case 'mend':
        holds.looks(command.lane);
        return order(command.lane, { kind: 'mend', ...verificationOf(command) });
      case 'holdLane':
        return records.command(sessionId, command, epicOf(command.lane));
      case 'closeLane':
        return order(command.lane, { kind: 'close', outcome: plan!.state.lanes.get(command.lane)!.outcome! });
      case 'cancelLanes':
        gate.cancel();
        return lanes.cancelAll();
      case 'countAsDone':
      case 'failTask':
      case 'blockTasks':
      case 'unblockTasks':
        return records.command(sessionId, command, null);
      case 'finish':
        return;
    }
  };

  const epicOf = (lane: string): number | null => plan!.lanes.get(lane)?.epic ?? null;

  const goOn = (lane: string): void => {
    holds.looks(lane);
    order(lane, { kind: 'continue' });
  };

  const order = (
    lane: string,
    what: Parameters<Lanes['order']>[2],
    after?: Promise<unknown> | null,
  ): void => {
    const { epic, name } = plan!.lanes.get(lane) ?? { epic: null, name: lane };
    lanes.order(epic, name, what, after);
  };

  /** A usage limit ends by itself. A person who resumed or paused meanwhile has the last word. */
  const resumeAfter = (ms: number, reason: string): void => {
    const ended = sleep(Math.min(ms, LONGEST_LIMIT_MS), { summary: startOf(reason, 100) });
    // Cancelled with the session. Unhandled, that would fail each of its workflow tasks from then on.
    ended.then(
      () => inbox.add({ type: 'resume', from: reason }),
      () => undefined,
    );
  };

  const take = (event: SchedulerEvent): void => {
    const { sessionId, state } = plan!;
    const { pauseReason, config, finished, stopping } = state;
    step(state, event).forEach(carryOut);
    // What comes later still the session takes along and puts on record then: it goes on, however much comes.
    const later = finished && stopping === 'suspend';
    if (!later) records.control(sessionId, event, { before: { pauseReason, config }, now: state });
    drainWhenLong(state);
  };

  /**
   * Made when somebody looks, since JSON asks for it then: in a plan of thousands of tasks the text takes longer than
   * all that an event causes, and a replay of many thousand events would make it anew for each.
   */
  const showDetails = (state: SchedulerState): void =>
    setCurrentDetails({ toJSON: () => detailsText(facts, state, clock()) } as unknown as string);

  const drainWhenLong = (state: SchedulerState): void => {
    if (state.stopping !== 'no' || state.finished) return;
    if (isTimeToDrain(limits, { orders: lanes.mostOrders(), updates }, options.maxAttempts))
      inbox.add({ type: 'stop', how: 'suspend' });
  };

  /** One after the other: of two, the later one has seen more. */
  let reloading: Promise<unknown> = Promise.resolve();
  const takeChanges = async (): Promise<string> => {
    await condition(() => plan !== null);
    const { sessionId, state } = plan!;
    const later = loadedLater(state);
    if (later) return later;
    const stopped = stoppedTasks(state);
    // What the scheduler settled has to be on record before the record says what was edited since.
    await records.written();
    const { tasks, settled, ...rest } = await reloadPlan(options, sessionId);
    const joined = tasks.filter(({ id, standing }) => !state.tasks.has(id) && standing === 'todo').length;
    // Lanes that are known stay: the sequential one is nobody's epic.
    plan = { ...plan!, ...rest, lanes: new Map([...plan!.lanes, ...rest.lanes]) };
    facts.laneNames = namesOf(plan);
    const known = new Set(tasks.map(({ id }) => id));
    const again = stopped.filter((id) => known.has(id) && !settled.has(id));
    records.batches(sessionId, rest.batches);
    await inbox.ask({ type: 'planChanged', tasks, ...(again.length ? { again } : {}) }, () => undefined);
    return loadedLater(state) ?? planNews(joined, again);
  };

  return {
    feed: (event) => inbox.add(event),
    ask: (event, check) => inbox.ask(event, () => check(plan!.state)),
    settled: ({ sessionId, task, outcome, reason, costUsd }) => {
      // An epic of an earlier, terminated session may still report: its task is not ours.
      if (!plan || sessionId !== plan.sessionId || !plan.state.tasks.has(task)) return;
      if (costUsd) charge(task, costUsd);
      inbox.add({ type: 'taskSettled', task, outcome, reason });
    },
    held: ({ sessionId, epic, task, why, reason: said, forMs }) => {
      if (!plan || sessionId !== plan.sessionId) return;
      if (!(task === null ? plan.state.lanes.has(laneId(epic)) : plan.state.tasks.has(task))) return;
      const reason = `${why}: ${said}${forMs === undefined ? '' : ` (until ${timeIn(forMs)})`}`;
      const hold = { reason, outdated: why === 'budget' && holds.outdated(laneId(epic)) };
      inbox.add(
        task === null
          ? { type: 'laneHeld', lane: laneId(epic), ...hold }
          : { type: 'taskHeld', task, ...hold },
      );
      if (forMs !== undefined) resumeAfter(forMs, reason);
    },
    costChanged: ({ sessionId, totalUsd: total, tasks }) => {
      if (!plan || sessionId !== plan.sessionId) return;
      spending.atLeast(total);
      for (const { task, costUsd } of tasks) charge(task, costUsd);
    },
    updated: () => {
      updates += 1;
      if (plan) drainWhenLong(plan.state);
    },
    async setBudget(budget) {
      await toItsEnd(() => records.budget(plan!.sessionId, budget));
      holds.changed();
      if (budget.task === undefined) facts.budgetUsd = budget.budgetUsd ?? facts.budgetUsd;
      inbox.add({ type: 'resume', from: 'budget' });
    },
    async recordRetry(request) {
      const { task, instructions, model } = request;
      if (instructions === undefined && model === undefined) return;
      await toItsEnd(() => records.retry(plan!.sessionId, request));
      const title = plan!.titles.get(task);
      if (title && model && title.agent !== 'script')
        title.agent = `${title.agent.split(' ', 1)[0]} ${model}`;
    },
    async planChanged() {
      // What is on its way when the session is cancelled comes to its end: the session waits for its records.
      const changes = CancellationScope.nonCancellable(() =>
        reloading.catch(() => undefined).then(takeChanges),
      );
      reloading = changes;
      return changes;
    },
    lost: () =>
      [...(plan?.state.lanes.values() ?? [])].flatMap(({ id, outcome, reason }) =>
        outcome === 'lost'
          ? [{ epic: plan!.lanes.get(id)?.epic ?? null, reason: reason ?? 'its workflow ended' }]
          : [],
      ),
    state: () => plan?.state ?? null,
    view: () => statusView(facts, plan?.state ?? null),
    async run(opened, how) {
      const loaded = await loadPlan(options, opened, how);
      await short.recordBatches({ sessionId: opened.sessionId, batches: loaded.batches });
      plan = loaded;
      facts.sessionId = opened.sessionId;
      facts.budgetUsd = opened.budgetUsd ?? facts.budgetUsd;
      facts.laneNames = namesOf(loaded);
      spending.atLeast(opened.costUsd);
      facts.costUsd = spending.usd();
      lanes = createLanes({ sessionId: opened.sessionId, options }, ({ lane, outcome, reason }) =>
        inbox.add({ type: 'laneEnded', lane, outcome, ...(reason ? { reason } : {}) }),
      );
      const attributes = opened.searchAttributes ? createSessionAttributes(options.project) : null;
      const { sessionId } = opened;
      const { taskTimeoutMinutes } = options;
      gate = createGate({ sessionId, taskTimeoutMinutes }, epicOf, (end) =>
        inbox.add({ type: 'stackEnded', ...end }),
      );
      showDetails(plan.state);
      // Behind what came early: a session that was paused or cancelled while it loaded starts nothing.
      inbox.add({ type: 'begin' });
      const { state } = plan;
      // Whoever is being answered may yet ask for something, and that counts, too.
      const isOver = () => state.finished && inbox.isEmpty() && allHandlersFinished();
      while (!isOver()) {
        await condition(() => !inbox.isEmpty() || isOver());
        inbox.empty(take);
        // Once for all that one activation brought.
        bar.show(waitingFor(state));
        attributes?.show(state, facts.costUsd);
        if (state.finished) await records.written();
      }
      const { stopping } = state;
      return stopping === 'no' ? 'finished' : stopping === 'cancel' ? 'cancelled' : 'suspended';
    },
  };
}
