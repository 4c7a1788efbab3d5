import { Context } from '@temporalio/activity';

/** Work that waited this long was handed out while no worker was there: the session may have been cancelled since. */
const WAITED_MS = 3_000;
const ANSWER_MS = 3_000;

/**
 * The same activity, which does not begin in a session that has been cancelled. A cancellation reaches an activity by way
 * of two workflows and a heartbeat: a worker that comes back would have started agents by then, only to end them.
 */
export function unlessCancelled<I, O>(activity: (input: I) => Promise<O>): (input: I) => Promise<O> {
  return async (input) => {
    const { cancelled, info } = Context.current();
    const waited = Date.now() - info.currentAttemptScheduledTimestampMs;
    // What is open when a session closes, `closeSession` settles.
    return waited > WAITED_MS && (await isSessionCancelled()) ? cancelled : activity(input);
  };
}

/** Whether Temporal knows that the session, or the epic alone, is to end. */
async function isSessionCancelled(): Promise<boolean> {
  const { client, info } = Context.current();
  const { workflowId } = info.workflowExecution!;
  const [session = workflowId] = workflowId.split('/');
  const asked = await Promise.all(
    [...new Set([session, workflowId])].map(async (id) => {
      const ask = () => client.workflow.getHandle(id).describe();
      const { raw } = await client.withDeadline(Date.now() + ANSWER_MS, ask);
      return raw.workflowExtendedInfo?.cancelRequested === true;
    }),
  ).catch(() => [false]);
  return asked.includes(true);
}
