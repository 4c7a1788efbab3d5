import { appendEvent } from '../../db/events/events';
import { commitLine } from '../../git/content/commit-line';
import { branchRef } from '../../git/refs/refs';
import type { ActivityDependencies } from '../scope/dependencies';
import { epicsOf, type Member } from './member';

/** From this move on, a person is told at every further doubling: 3, 6, 12. */
const TELL_AT = [3, 6, 12];

/**
 * Why a landing does not come to its end: others moved the base branch while the merge was verified, so that what was
 * verified is not what would be there.
 */
export async function movingBase(
  { db, redact }: ActivityDependencies,
  members: Member[],
  { moves, tookMs }: { moves: number; tookMs: number },
): Promise<string> {
  const { project, repository, session } = members[0]!.place;
  const { baseBranch } = project;
  const last = await commitLine(repository, branchRef(baseBranch));
  const seconds = Math.max(1, Math.round(tookMs / 1000));
  const reason = redact(
    `${baseBranch} moved ${moves} times while the merge was verified, last to ${last}: ` +
      `what was verified would not be what is there. Leave ${baseBranch} alone for about ${seconds} s`,
  );
  if (TELL_AT.includes(moves)) {
    await appendEvent(db, {
      sessionId: session.id,
      type: 'attention_needed',
      data: { outcome: 'moving', reason: `${reason}; it goes on by itself`, epics: epicsOf(members), moves },
    });
  }
  return reason;
}
