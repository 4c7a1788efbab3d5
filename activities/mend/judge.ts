import type { MergeWork } from '../../db/landing/merge-attempts';
import { fileNames } from '../../domain/file-names';
import { commitOf, isAncestor } from '../../git/content/commits';
import { branchRef } from '../../git/refs/refs';
import { conflictState, filesWithMarkers } from '../../git/worktree/conflict';
import { unfinishedIn } from '../../git/worktree/unfinished';
import { droppedFiles } from '../../git/content/dropped';
import type { ActivityDependencies } from '../scope/dependencies';
import { runVerify } from '../task/run-verify';
import { endEarly } from '../task/settle';
import { insideText, unfitTree } from '../task/unfit-tree';
import type { MendScope } from './scope';
import { MARKED } from '../../git/content/merge-tree';

export interface Fault {
  reason: string;
  outputTail?: string;
}

/** Why what an agent made of a merge does not count; null when it does. */
export async function judgeMerge(
  deps: ActivityDependencies,
  scope: MendScope,
  { work, tree }: { work: MergeWork; tree: string },
): Promise<Fault | null> {
  const { repository, worktree, branch } = scope.place;
  const markers = await filesWithMarkers(
    worktree.path,
    work.files.map(({ path }) => path),
  );
  if (markers.length) return { reason: `conflict markers are still in ${fileNames(markers, 10)}` };
  const { merging, unmerged } = await conflictState(repository, worktree.path);
  const kinds = new Map(work.files.map(({ path, kind }) => [path, kind]));
  // What shows in the file itself is resolved without a marker, whatever the index says.
  const undecided = unmerged.filter((path) => !MARKED.includes(kinds.get(path) ?? ''));
  if (undecided.length)
    return { reason: `not resolved, neither added nor removed: ${fileNames(undecided, 10)}` };
  const inside = (await unfinishedIn(repository, worktree.path))?.inside ?? [];
  if (inside.length) return { reason: insideText(inside) };
  const head = await commitOf(repository, branchRef(branch));
  const merged = merging || (head !== null && (await isAncestor(repository, work.theirs, head)));
  if (!merged) return { reason: 'the merge was given up' };
  const { ours, theirs } = work;
  const dropped = await droppedFiles(repository, { ours, theirs, result: tree });
  const [who, files] = dropped.theirs.length ? ['others', dropped.theirs] : ['this epic', dropped.ours];
  if (files.length) return { reason: `drops all that ${who} did in ${fileNames(files, 10)}` };
  const unfit = await unfitTree(scope.place, { parents: [ours, theirs], tree });
  if (unfit) return { reason: unfit };
  return verify(deps, scope);
}

async function verify(deps: ActivityDependencies, scope: MendScope): Promise<Fault | null> {
  const { place, lease, task } = scope;
  const script = place.options.verify ?? place.project.verify;
  if (!script) return null;
  const { reason, result } = await runVerify(deps, { place, lease, task: task.number, script });
  if (lease.signal.aborted) return endEarly(deps, scope);
  return reason ? { reason, outputTail: result.output } : null;
}
