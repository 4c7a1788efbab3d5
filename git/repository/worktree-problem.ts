/** A worktree cannot be made there; the message says what stands in the way and what to do. */
export class WorktreeProblem extends Error {
  override readonly name = 'WorktreeProblem';
}
