import {
  AGENTS,
  ATTEMPT_STATUSES,
  SESSION_STATUSES,
  TASK_STATUSES,
  WORKTREE_STATUSES,
} from '../../domain/model';
import { EVENT_TYPES } from '../../domain/session/events';
import { openFixture, type Fixture } from './database';
import { runningAttempt } from './scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

/** The words that a column's check lets through. */
async function allowed(table: string, column: string): Promise<string[]> {
  const { rows } = await fixture.db.query<{ definition: string }>(
    `select pg_get_constraintdef(c.oid) as definition from pg_constraint c
     join pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
     where c.contype = 'c' and c.conrelid = ('yokeflow.' || $1)::regclass and a.attname = $2`,
    [table, column],
  );
  return [...rows[0]!.definition.matchAll(/'([^']+)'::text/g)].map((match) => match[1]!).sort();
}

test.each([
  ['tasks', 'status', TASK_STATUSES],
  ['sessions', 'status', SESSION_STATUSES],
  ['task_attempts', 'status', ATTEMPT_STATUSES],
  ['worktrees', 'status', WORKTREE_STATUSES],
  ['tasks', 'agent', AGENTS],
  ['task_attempts', 'agent', AGENTS],
  ['events', 'type', EVENT_TYPES],
])('the database and the code have the same words for %s.%s', async (table, column, words) => {
  expect(await allowed(table, column)).toEqual([...words].sort());
});

test('a dependency never leaves its project', async () => {
  const { rows } = await fixture.db.query<{ project: number; task: number }>(
    `with project as (
       insert into yokeflow.projects (name, repo_path, git_dir, base_branch)
       values ('a', '/a', '/a', 'main'), ('b', '/b', '/b', 'main') returning id
     ), epic as (
       insert into yokeflow.epics (project_id, number, name) select id, 1, 'Epic' from project returning id, project_id
     ) insert into yokeflow.tasks (project_id, epic_id, number, description, action)
       select project_id, id, 1, 'Task', '' from epic returning project_id as project, id as task`,
  );
  const [a, b] = rows;
  const insert =
    'insert into yokeflow.task_dependencies (project_id, task_id, depends_on_id) values ($1, $2, $3)';
  await expect(fixture.db.query(insert, [a!.project, a!.task, b!.task])).rejects.toThrow('foreign key');
  await expect(fixture.db.query(insert, [a!.project, a!.task, a!.task])).rejects.toThrow('depends_on_itself');
});

test('a project goes with everything that belongs to it', async () => {
  await runningAttempt(fixture.db);
  await fixture.db.query('delete from yokeflow.projects');
  const { rows } = await fixture.db.query('select count(*) as tasks from yokeflow.tasks');
  expect(rows).toEqual([{ tasks: 0 }]);
});
