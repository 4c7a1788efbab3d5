import type { Database } from '../../db/connection/connection';
import { priceOf } from '../../domain/cost/pricing';
import { anthropicUsage } from '../../domain/cost/token-usage';
import type { AnthropicMock } from '../support/anthropic-mock';
import { chaosModel, taskNumber } from './chaos-model';

/** Requests for a turn that was on record before they came. */
async function askedInVain(db: Database, { journal }: AnthropicMock): Promise<string[]> {
  const { rows } = await db.query<{ task: number; turn: number; at: number }>(
    `select t.number as task, r.n - 1 as turn, (extract(epoch from r.created_at) * 1000)::float8 as at
     from yokeflow.agent_turns r join yokeflow.task_attempts a on a.id = r.attempt_id
       join yokeflow.tasks t on t.id = a.task_id
     where r.kind = 'response'`,
  );
  return rows.flatMap(({ task, turn, at }) => {
    const late = journal.filter(
      (entry) => taskNumber(entry.request) === task && entry.turn === turn && entry.at > at,
    );
    return late.map(() => `T${task} turn ${turn} was asked for again after it had been recorded`);
  });
}

/**
 * Compares what was recorded with what the API answered. A response that a kill kept from being recorded is asked
 * for once more: `repeats` counts those, and each kill may cause at most one for each agent.
 */
export async function brokenCosts(
  db: Database,
  api: AnthropicMock,
  { kills, agents }: { kills: number; agents: number },
): Promise<{ broken: string[]; repeats: number }> {
  const broken = [...api.broken];
  const answered = api.journal.filter(({ status, completed }) => status === 200 && completed);
  const unique = new Map(
    answered.map((entry) => [`T${taskNumber(entry.request)} turn ${entry.turn}`, entry]),
  );
  const repeats = answered.length - unique.size;
  if (repeats > kills * agents) broken.push(`${repeats} responses were paid again after ${kills} kills`);
  broken.push(...(await askedInVain(db, api)));

  const { rows } = await db.query<{ task: number; turn: number; times: number; cost: number }>(
    `select t.number as task, r.n - 1 as turn, count(*)::int as times, sum(r.cost_nano)::bigint as cost
     from yokeflow.agent_turns r join yokeflow.task_attempts a on a.id = r.attempt_id
       join yokeflow.tasks t on t.id = a.task_id
     where r.kind = 'response' group by t.number, r.n order by 1, 2`,
  );
  for (const { task, turn, times } of rows) {
    const name = `T${task} turn ${turn}`;
    if (times > 1) broken.push(`${name} is recorded ${times} times`);
    if (!unique.has(name)) broken.push(`${name} is recorded, but was never answered`);
  }
  if (rows.length !== unique.size) broken.push(`${unique.size} turns were answered, ${rows.length} recorded`);

  const cost = [...unique.values()].reduce((sum, { request }) => {
    return sum + priceOf(request.model, anthropicUsage(chaosModel(request).usage))!;
  }, 0);
  const sessions = await db.query<{ cost: number }>('select total_cost_nano as cost from yokeflow.sessions');
  const charged = sessions.rows.map((row) => row.cost);
  if (charged.length !== 1 || charged[0] !== cost)
    broken.push(`${charged.join()} charged, ${cost} in the journal`);
  const events = await db.query<{ count: number }>(
    `select count(*)::int as count from yokeflow.events where type = 'cost_update'`,
  );
  if (events.rows[0]!.count !== rows.length)
    broken.push(`${events.rows[0]!.count} cost_update events for ${rows.length} turns`);
  return { broken, repeats };
}
