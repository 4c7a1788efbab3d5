import type { RetryRequest } from '../../domain/session/retry-request';
import type { Queryable } from '../connection/connection';
import { storableOrNull } from '../../domain/storable-text';

/** Keeps what a person asked for with a retry, for every further try at the task. What is not named stays. */
export async function storeRetryRequest(
  db: Queryable,
  { projectId, task, instructions, model }: RetryRequest & { projectId: number },
): Promise<void> {
  await db.query(
    `update yokeflow.tasks set updated_at = now(), retry_model = coalesce($4, retry_model),
       retry_instructions = nullif(coalesce($3, retry_instructions), '')
     where project_id = $1 and number = $2`,
    [projectId, task, storableOrNull(instructions), model ?? null],
  );
}
