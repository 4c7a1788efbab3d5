import type { Database } from '../../db/connection/connection';
import type { TemporalHarness } from '../support/temporal';
import { git } from '../support/git-repository';
import type { Scenario } from './scenario';

/** Each must find nothing: what it finds is called by its name. */
const NOTHING: [string, string][] = [
  ['open sessions', `select id from yokeflow.sessions where ended_at is null`],
  ['sessions that are not complete', `select id, status from yokeflow.sessions where status <> 'complete'`],
  ['tasks that are not complete', `select number, status from yokeflow.tasks where status <> 'complete'`],
  ['running attempts', `select id from yokeflow.task_attempts where status = 'running'`],
  [
    'tasks with more or less than one complete attempt',
    `select task_id from yokeflow.task_attempts where purpose = 'task'
     group by task_id having count(*) filter (where status = 'complete') <> 1`,
  ],
  ['held leases', `select worktree_id, holder from yokeflow.leases where released_at is null`],
  [
    'worktrees that are not removed',
    `select branch_name, status from yokeflow.worktrees where status <> 'removed' and epic_id is not null`,
  ],
  ['open batches', `select number, status from yokeflow.parallel_batches where status <> 'complete'`],
  [
    'holes in the numbers of the events',
    `select session_id from yokeflow.events group by session_id having count(*) <> max(seq)`,
  ],
  [
    'events that came more than once',
    `select type, epic_number, task_number, count(*) from yokeflow.events
     where type in ('session_started', 'session_complete', 'task_complete', 'epic_merged')
     group by type, epic_number, task_number having count(*) > 1`,
  ],
  [
    'complete tasks without an event',
    `select number from yokeflow.tasks t
     where not exists (select from yokeflow.events where type = 'task_complete' and task_number = t.number)`,
  ],
];

/** What is wrong in PostgreSQL and between it and git; empty when the session came out whole. */
export async function brokenRecords(db: Database, { repository }: Scenario): Promise<string[]> {
  const broken: string[] = [];
  for (const [name, query] of NOTHING) {
    const { rows } = await db.query(query);
    if (rows.length) broken.push(`${name}: ${JSON.stringify(rows.slice(0, 5))}`);
  }
  const commits = await db.query<{ task: number; commit: string }>(
    `select number as task, commit_sha as commit from yokeflow.tasks where commit_sha is not null`,
  );
  for (const { task, commit } of commits.rows) {
    const pinned = await git(repository, 'rev-parse', `refs/yokeflow/tasks/${task}`).catch(() => 'nothing');
    if (pinned !== commit) broken.push(`T${task}: ${commit} on record, ${pinned} pinned`);
  }
  const needs = await db.query<{ task: number; commit: string; needed: string }>(
    `select t.number as task, t.commit_sha as commit, o.commit_sha as needed
     from yokeflow.task_dependencies d
       join yokeflow.tasks t on t.id = d.task_id join yokeflow.tasks o on o.id = d.depends_on_id
     where d.type = 'hard' and t.commit_sha is not null and o.commit_sha is not null`,
  );
  for (const { task, commit, needed } of needs.rows) {
    const contained = await git(repository, 'merge-base', '--is-ancestor', needed, commit).then(
      () => true,
      () => false,
    );
    if (!contained) broken.push(`T${task}: does not contain ${needed}, on which it depends`);
  }
  return broken;
}

const STORY = `select to_char(at, 'HH24:MI:SS.MS') as time, what from (
    select created_at as at, concat_ws(' ', type, 'E' || epic_number, 'T' || task_number, data::text) as what
      from yokeflow.events where type not in ('agent_turn', 'cost_update')
    union all
    select created_at, concat_ws(' ', 'verified', epics::text, 'in', duration_ms, 'ms:', coalesce(reason, 'green'))
      from yokeflow.verifications) all_of_it
  order by at desc limit 30`;

/** The last of what happened by the records, a line each: for whoever has to find out why something is broken. */
export async function lastRecords(db: Database): Promise<string[]> {
  const { rows } = await db.query<{ time: string; what: string }>(STORY);
  return rows.reverse().map(({ time, what }) => `${time} ${what.slice(0, 200)}`);
}

/** Workflows that are still open, after the time that the server needs to list them. */
export async function openWorkflows({ client }: TemporalHarness): Promise<string[]> {
  let open: string[] = [];
  for (let tries = 0; tries < 20; tries++) {
    open = [];
    for await (const { workflowId } of client.workflow.list({ query: `ExecutionStatus = 'Running'` }))
      open.push(workflowId);
    if (!open.length) return [];
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return open.map((id) => `open workflow: ${id}`);
}
