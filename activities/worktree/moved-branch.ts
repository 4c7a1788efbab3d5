import { noteFor } from '../../db/session/session-notes';
import { commitOf, isAncestor } from '../../git/content/commits';
import { branchRef } from '../../git/refs/refs';
import { undoneFiles } from '../../git/content/undone-files';
import { keepCommit } from '../../git/content/keep';
import { gitOf } from '../../git/repository/repository';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Place } from '../scope/place';

interface Begun {
  task: number;
  /** The commit that a try of the task began on. */
  base: string;
}

const short = (commit: string) => commit.slice(0, 10);

/** Where the branch is, if that does not contain what the try began on. */
async function movedTo({ repository, branch }: Place, base: string): Promise<string | null> {
  const head = await commitOf(repository, branchRef(branch));
  return head && head !== base && !(await isAncestor(repository, base, head)) ? head : null;
}

/**
 * Call it before a branch is put back to what a try began on, or its commit there. Somebody moved it away, by hand or as
 * the try's agent: a person is told, and what it was at is kept.
 */
export async function noteMoved(
  { db }: ActivityDependencies,
  place: Place,
  { task, base }: Begun,
): Promise<void> {
  const head = await movedTo(place, base);
  if (!head) return;
  const keptAt = `refs/yokeflow/moved/${short(head)}`;
  const message = `${place.branch}, before it was put back`;
  await keepCommit(place.repository, { ref: keptAt, commit: head, message });
  const note =
    `${place.branch} had been moved to ${short(head)}, without what T${task} began on: ` +
    `put back on ${short(base)}, and what it was at is kept at ${keptAt}`;
  await noteFor(db, { sessionId: place.session.id, task, note });
}

/**
 * Files that are as they were before what a try began on, after its agent reset that away: its commit would undo what others
 * had done in them.
 */
export async function undoneByMoving(
  place: Place,
  { base, tree }: { base: string; tree: string },
): Promise<string[]> {
  const head = await movedTo(place, base);
  if (!head) return [];
  const { repository } = place;
  const common = await gitOf(repository).run(['merge-base', head, base], { accept: [0, 1] });
  const from = common.stdout.trim();
  return from ? undoneFiles(repository, { from, to: base, tree }) : [];
}
