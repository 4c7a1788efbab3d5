import { isFinished, type AgentName } from '../../domain/model';
import type { Queryable } from '../connection/connection';
import { PlanRefused } from '../connection/errors';
import { lockProject } from '../project/projects';
import { getTask } from './tasks';

export interface TaskChange {
  projectId: number;
  task: number;
  description?: string;
  action?: string;
  priority?: number;
  agent?: AgentName;
  model?: string;
}

/**
 * Changes the definition of a task that neither runs nor is finished; one that failed or was blocked may run again then, as
 * by an import. Throws `PlanRefused` for any other.
 */
export async function updateTask(db: Queryable, { projectId, task, ...change }: TaskChange): Promise<void> {
  await db.transaction(async (tx) => {
    await lockProject(tx, projectId);
    const { status, action, agent } = await getTask(tx, { projectId, task });
    if (status === 'running') throw new PlanRefused(`task: T${task} runs now; wait until it has ended`);
    if (isFinished(status)) throw new PlanRefused(`task: T${task} is ${status} already; add another task`);
    if ((change.agent ?? agent) === 'script' && (change.action ?? action).trim() === '')
      throw new PlanRefused('action: is missing; a script task needs the script to run');
    const { description, priority, model } = change;
    await tx.query(
      `update yokeflow.tasks set updated_at = now(), description = coalesce($3, description),
         action = coalesce($4, action), priority = coalesce($5, priority), agent = coalesce($6, agent),
         model = coalesce($7, model),
         status = case when status in ('failed', 'blocked') then 'pending' else status end,
         status_reason = case when status in ('failed', 'blocked') then null else status_reason end
       where project_id = $1 and number = $2`,
      [
        projectId,
        task,
        description ?? null,
        change.action ?? null,
        priority ?? null,
        change.agent ?? null,
        model ?? null,
      ],
    );
  });
}
