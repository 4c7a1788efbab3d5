import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Database } from '../../db/connection/connection';

/** Which parts of the work are done: to see what each costs. */
export interface FloorParts {
  git: boolean;
  sql: boolean;
}

export interface FloorRun extends FloorParts {
  epics: number;
  tasks: number;
  concurrency: number;
}

export interface FloorEpic extends FloorParts {
  epic: number;
  tasks: number;
}

type FloorTask = FloorEpic & { task: number };

export interface FloorActivities {
  work(task: FloorTask): Promise<void>;
  record(task: FloorTask): Promise<void>;
  land(epic: FloorEpic): Promise<void>;
}

/** One shell for all commands of a step, as somebody would write it who needs no safety. */
async function sh(repository: string, script: string): Promise<void> {
  const identity = { GIT_AUTHOR_NAME: 'Bench', GIT_AUTHOR_EMAIL: 'b@example.com' };
  const committer = { GIT_COMMITTER_NAME: 'Bench', GIT_COMMITTER_EMAIL: 'b@example.com' };
  const env = { PATH: process.env.PATH, ...identity, ...committer };
  const child = spawn('/bin/sh', ['-ec', script], { cwd: repository, env, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the floor's commands ended with ${code}: ${script}`);
}

export const FLOOR_TABLES = `
  create schema if not exists floor;
  create table if not exists floor.tasks (id integer primary key, status text);
  create table if not exists floor.attempts (id serial primary key, task integer, status text, commit_sha text);
  create table if not exists floor.events (id serial primary key, type text, data jsonb)`;

/** What a task cannot do without: a worktree, a process, a commit that is pinned, two transactions of three statements. */
export function floorActivities(db: Database, repository: string): FloorActivities {
  const branch = (epic: number) => `floor-${epic}`;
  const worktree = (epic: number) => join(repository, '.worktrees', branch(epic));
  const id = ({ epic, task }: FloorTask) => epic * 1_000 + task;
  return {
    async work(task) {
      if (task.sql) {
        await db.transaction(async (tx) => {
          await tx.query(
            `insert into floor.tasks values ($1, 'running') on conflict (id) do update set status = 'running'`,
            [id(task)],
          );
          await tx.query(`insert into floor.attempts (task, status) values ($1, 'running')`, [id(task)]);
          await tx.query(`insert into floor.events (type, data) values ('task_started', $1)`, [
            { task: id(task) },
          ]);
        });
      }
      if (!task.git) return;
      const add = `git worktree add --quiet -b ${branch(task.epic)} ${worktree(task.epic)}`;
      // Two at once would race for the repository's locks.
      if (task.task === 1) await sh(repository, `flock .git/floor-lock ${add}`);
      await sh(repository, `cd ${worktree(task.epic)} && git status --porcelain && bash -c true`);
    },
    async record(task) {
      if (task.git) {
        const commit = `git add --all && git commit --quiet --allow-empty -m 'Task ${id(task)}'`;
        const pin = `git update-ref refs/floor/${id(task)} HEAD`;
        await sh(repository, `cd ${worktree(task.epic)} && ${commit} && ${pin}`);
      }
      if (!task.sql) return;
      await db.transaction(async (tx) => {
        await tx.query(`update floor.attempts set status = 'complete', commit_sha = 'x' where task = $1`, [
          id(task),
        ]);
        await tx.query(`update floor.tasks set status = 'complete' where id = $1`, [id(task)]);
        await tx.query(`insert into floor.events (type, data) values ('task_complete', $1)`, [
          { task: id(task) },
        ]);
      });
    },
    async land({ epic, git }) {
      if (!git) return;
      const merge = `tree=$(git merge-tree --write-tree main ${branch(epic)})
        merged=$(git commit-tree "$tree" -p main -p ${branch(epic)} -m 'Merge ${epic}')
        git update-ref refs/heads/main "$merged"`;
      const clean = `git worktree remove ${worktree(epic)}; git branch --quiet -D ${branch(epic)}`;
      await sh(repository, `flock .git/floor-lock sh -ec '${merge.replaceAll("'", `'\\''`)}; ${clean}'`);
    },
  };
}
