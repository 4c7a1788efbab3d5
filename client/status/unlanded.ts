import type { TaskSummary } from '../../db/session/summary';

/** Where the sequential worktree does not land: the tasks' commits that wait for that. Null: nobody has looked. */
export type Unlanded = ReadonlySet<string> | null;

/** In a worktree that does not land, what landed before has landed. */
export const waitsToLand = (
  { status, commit }: Pick<TaskSummary, 'status' | 'commit'>,
  unlanded: Unlanded,
): boolean => status === 'complete' && (unlanded === null || commit === null || unlanded.has(commit));
