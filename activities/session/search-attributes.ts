import { Context } from '@temporalio/activity';
import { missingAttributes } from '../../domain/session/search-attributes';

const WITHIN_MS = 5_000;

/** Whether the server knows all that sessions put on themselves. One that does not say is taken to know none. */
export async function knowsSearchAttributes(): Promise<boolean> {
  try {
    const { client, info } = Context.current();
    const namespace = info.workflowNamespace;
    const { customAttributes } = await client.connection.withDeadline(Date.now() + WITHIN_MS, () =>
      client.connection.operatorService.listSearchAttributes({ namespace }),
    );
    return missingAttributes(customAttributes).length === 0;
  } catch {
    return false;
  }
}
