import { readdirSync } from 'node:fs';
import path from 'node:path';
import { runner } from 'node-pg-migrate';
import { openDatabase } from '../../../db/connection/connection';
import { migrate } from '../../../db/connection/migrate';
import { costReport } from '../../../db/cost/cost-report';
import { listEvents } from '../../../db/events/events';
import { claimNotification } from '../../../db/events/notifications';
import { listResolutions } from '../../../db/landing/merge-attempts';
import { findProject } from '../../../db/project/projects';
import { openSession } from '../../../db/session/session-open';
import { sessionSummary } from '../../../db/session/summary';
import { testDatabase } from '../../support/services';

const FOLDER = path.join(__dirname, '../../../migrations');
const VERSIONS = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.sql'))
  .map((file) => path.parse(file).name)
  .sort();

/** What a database of a version holds after a session, by the migration that brought the place for it. */
const WRITTEN: Record<string, string> = {
  '0001_plan': `
    insert into yokeflow.projects (name, repo_path, git_dir, base_branch) values ('old', '/old', '/old/.git', 'main');
    insert into yokeflow.epics (project_id, number, name) values (1, 1, 'One');
    insert into yokeflow.tasks
      (project_id, epic_id, number, description, action, status, commit_sha, completed_at, cost_nano)
      values (1, 1, 1, 'First', 'Do it', 'complete', repeat('a', 40), now(), 2000000000);
    insert into yokeflow.tasks (project_id, epic_id, number, description, action, status, status_reason)
      values (1, 1, 2, 'Second', 'Do it', 'failed', 'no way');
    insert into yokeflow.task_dependencies (project_id, task_id, depends_on_id) values (1, 2, 1)`,
  '0002_sessions': `
    insert into yokeflow.sessions (id, project_id, workflow_id, run_id, status, total_cost_nano, ended_at)
      overriding system value values (3, 1, 'yokeflow-old', 'run', 'incomplete', 2000000000, now());
    insert into yokeflow.parallel_batches (session_id, number, task_numbers) values (3, 1, '{1}'), (3, 2, '{2}')`,
  '0003_worktrees': `
    insert into yokeflow.worktrees (project_id, epic_id, path, branch_name, status, conflict)
      values (1, 1, '/old/.worktrees/epic-1-one', 'epic-1-one', 'conflict', '{"files": []}');
    insert into yokeflow.leases (worktree_id, token, holder) values (1, 7, 'somebody')`,
  '0004_attempts': `
    insert into yokeflow.task_attempts
      (task_id, session_id, worktree_id, number, key, token, agent, model, status, ended_at, commit_sha, cost_nano)
      values (1, 3, 1, 1, 'try-1', 7, 'claude', 'claude-sonnet-5-5', 'complete', now(), repeat('a', 40), 2000000000);
    insert into yokeflow.agent_turns (attempt_id, n, kind, payload, usage, cost_nano)
      values (1, 1, 'response', '{"model": "claude-sonnet-5-5"}', '{"output_tokens": 5}', 2000000000)`,
  '0005_events': `
    select yokeflow.append_event(3, 'session_started', null, null, '{}', null);
    select yokeflow.append_event(3, 'attention_needed', 1, 1, '{"reason": "see"}', 'a key')`,
  '0007_notifications': `insert into yokeflow.notifications (session_id, seq, channel) values (3, 2, 'command')`,
  '0008_retries': `update yokeflow.tasks set retry_instructions = 'otherwise' where number = 2`,
  '0009_landing': `
    insert into yokeflow.verifications (session_id, epics, commit_sha, tree, passed, reason, duration_ms)
      values (3, '{1}', repeat('b', 40), repeat('c', 40), false, 'red', 5);
    insert into yokeflow.resolutions (attempt_id, conflict, diff) values (1, '{"files": []}', '')`,
  '0010_provisioning': `update yokeflow.worktrees set port = 20000`,
};

const reached = (version: string) => VERSIONS.slice(0, VERSIONS.indexOf(version) + 1);

test.each(VERSIONS.slice(0, -1))(
  'a database of %s that has been used is brought up to date',
  async (version) => {
    const database = await testDatabase({ empty: true });
    const { url } = database;
    const old = openDatabase(url);
    await runner({
      ...{ databaseUrl: url, dir: FOLDER, direction: 'up', count: reached(version).length },
      ...{ schema: 'yokeflow', createSchema: true, migrationsTable: 'migrations', log: () => {} },
    });
    for (const one of reached(version)) if (WRITTEN[one]) await old.query(WRITTEN[one]);
    await old.close();

    expect(await migrate(url)).toEqual(VERSIONS.slice(reached(version).length));
    const db = openDatabase(url);
    const project = await findProject(db, 'old');
    expect(project).toMatchObject({ name: 'old', cleanup: null, remoteUrl: null });
    const next = await openSession(db, {
      ...{ projectId: project!.id, workflowId: 'yokeflow-old', runId: 'next', options: {} },
    });
    expect(next.id).toBe(version === '0001_plan' ? 1 : 4);
    const summary = await sessionSummary(db, next.id);
    expect(summary.epics[0]!.tasks.map(({ status, costUsd }) => [status, costUsd])).toEqual([
      ['complete', 2],
      ['pending', 0],
    ]);
    const has = (migration: string) => version >= migration;
    expect(summary.epics[0]!.worktree?.status).toBe(has('0003_worktrees') ? 'conflict' : undefined);
    expect((await costReport(db, { projectId: project!.id })).map(({ costNano }) => costNano)).toEqual(
      has('0004_attempts') ? [2_000_000_000] : [],
    );
    const events = has('0002_sessions') ? await listEvents(db, { sessionId: 3 }) : [];
    expect(events.map(({ type }) => type)).toEqual(
      has('0005_events') ? ['session_started', 'attention_needed'] : [],
    );
    expect((await claimNotification(db, 'webhook'))?.seq).toBe(has('0005_events') ? 2 : undefined);
    const resolutions = await listResolutions(db, { projectId: project!.id, epic: 1 });
    expect(resolutions.map(({ dropped }) => dropped)).toEqual(has('0009_landing') ? [[]] : []);
    await db.close();
    await database.drop();
  },
);
