import type { Queryable } from '../connection/connection';

/** What an attempt may still spend, in nano-dollars. */
export interface SpendingRoom {
  /** Which budget is the tighter one. */
  scope: 'task' | 'session';
  /** What it has left, beside what was spent and what calls under way or of unknown cost may take; null: no limit. */
  leftNano: number | null;
  /** The same, were no other call under way. */
  leftAloneNano: number | null;
  /** What calls of other attempts under way may take. */
  othersInFlightNano: number;
  /** What calls whose end nobody saw may have cost, of those that the budget is about. */
  uncertainNano: number;
}

interface Figures {
  sessionLimit: number | null;
  taskLimit: number | null;
  sessionSpent: number;
  taskSpent: number;
  sessionUncertain: number;
  taskUncertain: number;
  others: number;
}

/** Only calls of attempts that are alive count as under way: a dead one's are over, whatever became of them. */
const FIGURES = `select
    round((s.options->>'budgetUsd')::numeric * 1000000000)::bigint as "sessionLimit",
    round(coalesce(t.budget_usd, (s.options->>'taskBudgetUsd')::numeric) * 1000000000)::bigint as "taskLimit",
    s.total_cost_nano as "sessionSpent", task.spent as "taskSpent", session.uncertain as "sessionUncertain",
    task.uncertain as "taskUncertain", others.in_flight as others
  from yokeflow.task_attempts a
  join yokeflow.sessions s on s.id = a.session_id join yokeflow.tasks t on t.id = a.task_id
  cross join lateral (
    select coalesce(sum(cost_nano), 0)::bigint as spent, coalesce(sum(uncertain_nano), 0)::bigint as uncertain
    from yokeflow.task_attempts where session_id = s.id and task_id = t.id
  ) task
  cross join lateral (
    select coalesce(sum(uncertain_nano), 0)::bigint as uncertain
    from yokeflow.task_attempts where session_id = s.id
  ) session
  cross join lateral (
    select coalesce(sum(o.in_flight_nano), 0)::bigint as in_flight
    from yokeflow.task_attempts o join yokeflow.leases l on l.worktree_id = o.worktree_id and l.token = o.token
    where o.session_id = s.id and o.id <> a.id and o.status = 'running' and l.released_at is null
      and l.heartbeat_at >= clock_timestamp() - $2 * interval '1 millisecond'
  ) others
  where a.id = $1`;

/** Budgets as they are now: `setBudget` may have changed them a moment ago. */
export async function spendingRoom(
  db: Queryable,
  { attemptId, staleAfterMs }: { attemptId: number; staleAfterMs: number },
): Promise<SpendingRoom> {
  const { rows } = await db.query<Figures>(FIGURES, [attemptId, staleAfterMs]);
  return roomIn(rows[0]!);
}

function roomIn(figures: Figures): SpendingRoom {
  const { sessionLimit, taskLimit, sessionSpent, taskSpent, sessionUncertain, taskUncertain, others } =
    figures;
  const session = sessionLimit === null ? null : sessionLimit - sessionSpent - sessionUncertain;
  const task = taskLimit === null ? null : taskLimit - taskSpent - taskUncertain;
  const shared = { othersInFlightNano: session === null ? 0 : others };
  const withOthers = session === null ? null : session - others;
  const least = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.min(a, b));
  const alone = least(session, task);
  const scope = task !== null && (session === null || task < session) ? 'task' : 'session';
  return {
    ...shared,
    scope,
    leftNano: least(withOthers, task),
    leftAloneNano: alone,
    uncertainNano: scope === 'task' ? taskUncertain : sessionUncertain,
  };
}
