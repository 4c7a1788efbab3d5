import { allHandlersFinished, CancellationScope, condition, setCurrentDetails } from '@temporalio/workflow';
import { detailsText } from '../domain/session/details-text';
import type { RunOptions } from '../domain/session/run-input';
import { step, type SchedulerEvent, type SchedulerState } from '../domain/scheduler';
import {
  statusView,
  type SessionFacts,
  type StartedTask,
  type StatusView,
} from '../domain/session/status-view';
import { createBudgetHolds } from './budget-holds';
import { carryOut, type Hands } from './carry-out';
import type { Control } from './control';
import { isTimeToDrain, type DrainLimits } from './drain';
import { createGate } from './gate';
import { createInbox } from './inbox';
import { createLanes } from './lanes';
import { laneId, type TaskHeld } from './messages';
import { createPlanChanges } from './plan-changes';
import { epicOf, loadPlan, type Beginning, type SessionPlan } from './plan-source';
import { short } from './proxies';
import { createRecords } from './records';
import { createSessionAttributes } from './session-attributes';
import { createSpending } from './spending';
import { limitEnd, whenLimitEnds } from './usage-limit';
import { createWaitingBar, waitingFor } from './waiting-bar';
import type { CostChanged, OpenedSession, TaskSettled } from '../activities/scope/contract';

/** The control loop of a session: events go from the inbox into the scheduler, its commands are carried out. */
export interface Session extends Control {
  feed(event: SchedulerEvent): void;
  settled(message: TaskSettled): void;
  held(message: TaskHeld): void;
  costChanged(message: CostChanged): void;
  view(): StatusView;
  /** Lanes that ended without a result, for the session's own result. */
  lost(): { epic: number | null; reason: string }[];
  /** Runs until nothing is left to do, or until it was stopped. */
  run(opened: OpenedSession, how: Beginning): Promise<'finished' | 'suspended' | 'cancelled'>;
}

/** What a person asked for comes to its end when the session is cancelled: it waits for that. */
const toItsEnd = <T>(work: () => Promise<T>): Promise<T> => CancellationScope.nonCancellable(work);

/** `14:03:22`, UTC: the workflow's own clock, which a replay shows again. */
const clock = () => new Date().toISOString().slice(11, 19);

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
    get costUsd() {
      return spending.usd();
    },
    budgetUsd: options.budgetUsd ?? null,
    taskCosts: spending.tasks,
    laneNames: new Map(),
    started,
  };
  const holds = createBudgetHolds();
  let plan: SessionPlan | null = null;
  let updates = 0;
  let hands: Hands;

  const take = (event: SchedulerEvent): void => {
    const { sessionId, state } = plan!;
    const { pauseReason, config, finished, stopping } = state;
    for (const command of step(state, event)) {
      if (command.type === 'startTask')
        started.set(command.task, { ...plan!.titles.get(command.task)!, since: clock() });
      carryOut(command, plan!, hands);
    }
    // What comes later still the session takes along and puts on record then: it goes on, however much comes.
    const later = finished && stopping === 'suspend';
    if (!later) records.control(sessionId, event, { before: { pauseReason, config }, now: state });
    changes.look(state);
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
    if (isTimeToDrain(limits, { orders: hands.lanes.mostOrders(), updates }, options.maxAttempts))
      inbox.add({ type: 'stop', how: 'suspend' });
  };

  const setPlan = (loaded: SessionPlan): void => {
    plan = loaded;
    facts.laneNames = new Map([...loaded.lanes].map(([id, { name }]) => [id, name]));
  };
  const changes = createPlanChanges(options, {
    inbox,
    records,
    plan: { get: () => plan, set: setPlan },
  });

  return {
    feed: (event) => inbox.add(event),
    // One that has finished writes its last records before it takes in any more, and those may take long.
    tell: async (event) =>
      plan && !plan.state.finished ? inbox.ask(event, () => plan!.state.paused) : inbox.add(event),
    ask: (event, check) => inbox.ask(event, () => check(plan!.state)),
    settled: ({ sessionId, task, outcome, reason, costUsd }) => {
      // An epic of an earlier, terminated session may still report: its task is not ours.
      if (!plan || sessionId !== plan.sessionId || !plan.state.tasks.has(task)) return;
      if (costUsd) spending.charge(task, costUsd);
      inbox.add({ type: 'taskSettled', task, outcome, reason });
    },
    held: ({ sessionId, epic, task, why, reason: said, forMs }) => {
      if (!plan || sessionId !== plan.sessionId) return;
      if (!(task === null ? plan.state.lanes.has(laneId(epic)) : plan.state.tasks.has(task))) return;
      const reason = `${why}: ${said}${forMs === undefined ? '' : ` (until ${limitEnd(forMs)})`}`;
      const hold = { reason, outdated: why === 'budget' && holds.outdated(laneId(epic)) };
      inbox.add(
        task === null
          ? { type: 'laneHeld', lane: laneId(epic), ...hold }
          : { type: 'taskHeld', task, ...hold },
      );
      // A person who resumed or paused meanwhile has the last word.
      if (forMs !== undefined)
        whenLimitEnds(forMs, reason, () => inbox.add({ type: 'resume', from: reason }));
    },
    costChanged: ({ sessionId, totalUsd: total, tasks }) => {
      if (!plan || sessionId !== plan.sessionId) return;
      spending.atLeast(total);
      for (const { task, costUsd } of tasks) spending.charge(task, costUsd);
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
    planChanged: () => changes.load(),
    lost: () =>
      [...(plan?.state.lanes.values() ?? [])].flatMap(({ id, outcome, reason }) =>
        outcome === 'lost' ? [{ epic: epicOf(plan!, id), reason: reason ?? 'its workflow ended' }] : [],
      ),
    state: () => plan?.state ?? null,
    view: () => statusView(facts, plan?.state ?? null),
    async run(opened, how) {
      const loaded = await loadPlan(options, opened, how);
      await short.recordBatches({ sessionId: opened.sessionId, batches: loaded.batches });
      const { state } = loaded;
      setPlan(loaded);
      facts.sessionId = opened.sessionId;
      facts.budgetUsd = opened.budgetUsd ?? facts.budgetUsd;
      spending.atLeast(opened.costUsd);
      const { sessionId } = opened;
      const { taskTimeoutMinutes } = options;
      const lanes = createLanes({ sessionId, options }, ({ lane, outcome, reason }) =>
        inbox.add({ type: 'laneEnded', lane, outcome, ...(reason ? { reason } : {}) }),
      );
      const gate = createGate(
        { sessionId, taskTimeoutMinutes },
        (lane) => epicOf(plan!, lane),
        (end) => inbox.add({ type: 'stackEnded', ...end }),
      );
      hands = { lanes, gate, records, holds };
      const attributes = opened.searchAttributes ? createSessionAttributes(options.project) : null;
      showDetails(state);
      // Behind what came early: a session that was paused or cancelled while it loaded starts nothing.
      inbox.add({ type: 'begin' });
      // Whoever is being answered may yet ask for something, and that counts, too.
      const isOver = () => state.finished && inbox.isEmpty() && allHandlersFinished() && !changes.busy();
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
