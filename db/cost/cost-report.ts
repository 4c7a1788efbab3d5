import type { AgentName, AttemptPurpose, AttemptStatus } from '../../domain/model';
import type { Queryable } from '../connection/connection';

export interface TokenCounts {
  /** Read at full price: what went to or came from a cache is counted apart. */
  input: number;
  output: number;
  cacheWrite: number;
  cacheRead: number;
}

/** What one attempt used of one model. */
export interface CostRow {
  session: number;
  epic: number;
  epicName: string;
  task: number;
  /** At most 80 characters. */
  title: string;
  attempt: number;
  status: AttemptStatus;
  /** `merge`: the task only pays for it. */
  purpose: AttemptPurpose;
  agent: AgentName;
  /** Null: the agent's own default, which it did not name. */
  model: string | null;
  tokens: TokenCounts;
  /** Nano-dollars, so that sums are exact. */
  costNano: number;
  /** Some of it has no known price: the cost is more than `costNano`. */
  unpriced: boolean;
  /** A call failed half-way, and what it cost is known in part: as above. */
  incomplete: boolean;
}

/** A count of a usage; whatever is no number counts as 0. */
const count = (name: string) =>
  `coalesce(jsonb_path_query_first(usage, '$."${name}" ? (@.type() == "number")')::numeric, 0)`;

/** Codex counts what went through its cache as input, too. */
const COUNTS = {
  input: `greatest(${count('input_tokens')} - ${count('cached_input_tokens')} - ${count('cache_write_input_tokens')}, 0)`,
  output: count('output_tokens'),
  cacheWrite: `${count('cache_creation_input_tokens')} + ${count('cache_write_input_tokens')}`,
  cacheRead: `${count('cache_read_input_tokens')} + ${count('cached_input_tokens')}`,
};

/**
 * The costs of a project, or of one of its sessions, by attempt and model, in the order of the plan. Attempts that
 * used no model are left out, and so are those whose task has been removed from the plan.
 */
export async function costReport(
  db: Queryable,
  { projectId, sessionId }: { projectId: number; sessionId?: number },
): Promise<CostRow[]> {
  const { rows } = await db.query<Omit<CostRow, 'tokens'> & TokenCounts>(
    `with entries as (
       select u.attempt_id, coalesce(u.cost_nano, 0) as nano,
         u.usage is not null and u.cost_nano is null as unpriced, u.payload ? 'failedCall' as incomplete,
         -- A CLI tells the cost of a run, not of each model in it: that is the one which it was asked for.
         case when a.agent = 'claude' then coalesce(u.payload->>'model', a.model)
           else coalesce(a.model, u.payload->>'model', u.payload->>'unpriced') end as model,
         case when u.kind = 'response' then coalesce(u.usage, u.payload->'usage')
           when u.payload ? 'unpriced' then null else u.usage end as usage
       from yokeflow.agent_turns u join yokeflow.task_attempts a on a.id = u.attempt_id
       join yokeflow.sessions s on s.id = a.session_id
       where s.project_id = $1 and ($2::integer is null or s.id = $2)
         and (u.kind = 'response' or u.usage is not null or u.cost_nano > 0
           -- Only of these, since a tool's result is long, and looking into it means to read it from the disk.
           or u.kind = 'note' and u.payload ? 'failedCall')
     ), sums as (
       select attempt_id, model, sum(${COUNTS.input}) as input, sum(${COUNTS.output}) as output,
         sum(${COUNTS.cacheWrite}) as cache_write, sum(${COUNTS.cacheRead}) as cache_read,
         sum(nano) as nano, bool_or(unpriced) as unpriced, bool_or(incomplete) as incomplete
       from entries group by attempt_id, model
     )
     select a.session_id as session, e.number as epic, e.name as "epicName", t.number as task,
       left(t.description, 80) as title, a.number as attempt, a.status, a.purpose, a.agent, m.model, m.input, m.output,
       m.cache_write as "cacheWrite", m.cache_read as "cacheRead", m.nano as "costNano", m.unpriced, m.incomplete
     from sums m join yokeflow.task_attempts a on a.id = m.attempt_id
     join yokeflow.tasks t on t.id = a.task_id join yokeflow.epics e on e.id = t.epic_id
     where m.input + m.output + m.cache_write + m.cache_read + m.nano > 0 or m.unpriced or m.incomplete
     order by a.session_id, e.number, t.number, a.number, m.model`,
    [projectId, sessionId ?? null],
  );
  return rows.map(({ input, output, cacheWrite, cacheRead, ...row }) => ({
    ...row,
    tokens: { input, output, cacheWrite, cacheRead },
  }));
}
