import type { Attempt } from '../../db/task/attempts';
import { listSessionAttempts } from '../../db/task/attempts';
import { snapshot, type Queryable } from '../../db/connection/connection';
import { costReport } from '../../db/cost/cost-report';
import { listEvents } from '../../db/events/events';
import { loadPlan, type StoredPlan } from '../../db/plan/plan-load';
import { latestSession, type Session } from '../../db/session/sessions';
import { sessionSummary, type SessionSummary } from '../../db/session/summary';
import type { SessionEvent } from '../../domain/session/events';
import type { Hint } from '../text/hint';
import type { NextStep } from '../status/next-step';
import { QUIET_EVENTS } from '../text/event-line';
import { sessionCosts, type SessionCosts } from '../costs/session-costs';
import { planThen } from './plan-then';
import { viewOf } from '../status/session-view';

/** Everything that a report tells, at one moment. */
export interface ReportFacts {
  /** Milliseconds since the epoch: when it was looked up. */
  now: number;
  summary: SessionSummary;
  /** A later session has been at the plan since: what to do is as of now, tasks are as this one left them. */
  outdated: boolean;
  steps: NextStep[];
  plan: StoredPlan;
  /** Of this session, in the order in which they started. */
  attempts: Attempt[];
  /** Without those of every turn. */
  events: SessionEvent[];
  costs: SessionCosts;
}

const PAGE = 1_000;

export async function loadFacts(db: Queryable, session: Session, hint: Hint): Promise<ReportFacts> {
  const { summary: stored, ...facts } = await snapshot(db, (tx) => factsOf(tx, session));
  const { summary, steps } = await viewOf(db, stored, hint);
  const { plan, attempts, events, outdated, costs } = facts;
  return {
    ...{ now: Date.now(), outdated, steps, attempts, events, costs },
    ...(outdated ? planThen({ plan, summary }, { attempts, events }) : { plan, summary }),
  };
}

async function factsOf(tx: Queryable, { id: sessionId, projectId, project }: Session) {
  const summary = await sessionSummary(tx, sessionId);
  return {
    summary,
    plan: await loadPlan(tx, projectId),
    outdated: (await latestSession(tx, project))?.id !== sessionId,
    attempts: await listSessionAttempts(tx, sessionId),
    events: await allEvents(tx, sessionId),
    costs: sessionCosts(summary.session, await costReport(tx, { projectId, sessionId })),
  };
}

async function allEvents(db: Queryable, sessionId: number): Promise<SessionEvent[]> {
  const all: SessionEvent[] = [];
  for (let after = 0; ;) {
    const page = await listEvents(db, { sessionId, after, limit: PAGE });
    all.push(...page.filter(({ type }) => !QUIET_EVENTS.includes(type)));
    if (page.length < PAGE) return all;
    after = page.at(-1)!.seq;
  }
}
