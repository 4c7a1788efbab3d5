import { ScheduleOverlapPolicy, type Client, type ScheduleHandle } from '@temporalio/client';
import { BUSY_NOTE } from '../../domain/session/session-result';
import { waitUntil } from '../../services/wait';
import { CommandFailed } from '../cli/exit';
import { findOpenWorkflow } from '../session/session';
import { outcomeOf, type RunOutcome } from './outcome';

const WITHIN_MS = 10_000;

/**
 * Starts a run now, unless the one before goes on. Temporal takes the wish either way, and decides a moment later.
 * @param follow the command that shows what is open
 * @throws CommandFailed where nothing is run, as the project is at work already
 */
export async function trigger(
  client: Client,
  { handle, project, follow }: { handle: ScheduleHandle; project: string; follow: string },
): Promise<void> {
  const before = (await handle.describe()).info;
  const session = await findOpenWorkflow(client, project);
  // What may overlap (the client's default) does not pause the schedule when it fails.
  await handle.trigger(ScheduleOverlapPolicy.SKIP);
  let now = before;
  const decided = () =>
    now.numActionsTaken > before.numActionsTaken ||
    now.numActionsSkippedOverlap > before.numActionsSkippedOverlap;
  await waitUntil(async () => {
    now = (await handle.describe()).info;
    return decided();
  }, WITHIN_MS);
  const leftOut = now.numActionsTaken === before.numActionsTaken && decided();
  if (leftOut) throw new CommandFailed(`no run was started, as the one before goes on: ${follow}`);
  if (session === null || !decided()) return;
  const run = now.recentActions.at(-1)!;
  let outcome: RunOutcome | null = null;
  await waitUntil(async () => (outcome = await outcomeOf(client, run)).kind !== 'running', WITHIN_MS);
  const text = (outcome as RunOutcome | null)?.text ?? '';
  if (text.startsWith(BUSY_NOTE)) throw new CommandFailed(`the run ${text.replace(/\.$/, '')}: ${follow}`);
}
