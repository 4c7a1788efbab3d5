import type { Cli } from '../cli/command';
import type { Connected } from '../cli/connect';
import { EXIT, type ExitCode } from '../cli/exit';
import type { SessionRef } from '../session/session';
import { workflowLink } from '../text/web-ui';
import { tellEnd } from './follow-run';
import { sessionBegin, type Beginning } from './session-begin';

const WITHIN_MS = 8_000;

/** Leaves a session to itself once it has begun. One that ends before that is told of like one that was followed. */
export async function leaveRunning(
  cli: Cli,
  connected: Connected,
  session: SessionRef,
  { json = false, withinMs = WITHIN_MS }: { json?: boolean; withinMs?: number } = {},
): Promise<ExitCode> {
  const { context, hint } = cli;
  const [beginning, interrupted] = await context.interruptible(
    async (signal) => [await sessionBegin(connected, session, { withinMs, signal }), signal.aborted] as const,
  );
  const { project, workflowId, runId } = session;
  const link = workflowLink(connected.endpoints.temporal, workflowId, runId);
  const follow = hint('watch', '--project', project);
  const refused = beginning.kind === 'ended' && beginning.end.kind === 'refused';
  if (json && !refused)
    context.print(JSON.stringify({ workflowId, runId, state: beginning.kind, link, follow }));
  if (beginning.kind === 'ended') {
    const { end, sessionId, worked } = beginning;
    return tellEnd(cli, connected, session, { end, sessionId, worked, json });
  }
  if (!json)
    context.print([workflowId, `Follow it: ${follow}`, ...(link ? [`Web UI: ${link}`] : [])].join('\n'));
  const waits = WAITS[beginning.kind];
  if (waits) context.note(`${waits}: if it stays so, see ${hint('doctor')}`);
  return interrupted ? EXIT.detached : EXIT.ok;
}

type Open = Exclude<Beginning, { kind: 'ended' }>['kind'];

/** What a session that has not begun waits for. */
const WAITS: Record<Open, string | null> = {
  begun: null,
  preparing: 'It is started, and a worker looks at project and repository',
  waiting: 'It is started, and no worker has taken it yet',
  silent: 'It is started, and Temporal does not answer any more',
};
