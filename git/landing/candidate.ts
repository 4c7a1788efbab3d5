import type { Conflict, MergeStrategy } from '../../domain/model';

/** A finished merge that no branch points to yet: verify its tree, then `land` it. */
export interface Candidate {
  kind: 'candidate';
  base: { old: string; new: string };
  tree: string;
  /** Squash only: the private ref that moves together with the base branch. */
  integration?: { ref: string; old: string; new: string };
}

/** Where a stack is to land. */
export interface StackRequest {
  baseBranch: string;
  strategy: MergeStrategy;
  /** ISO 8601, of the commits that are made. */
  date: string;
  members: StackMember[];
}

export interface StackMember {
  /** A branch or commit to land. */
  head: string;
  message: string;
  /** Without a merge commit, where the base branch has nothing of its own. */
  linear?: boolean;
}

export type MemberResult =
  /** Contained already; `landed` is the commit of the base branch that brought it, null if it was there before. */
  | { kind: 'nothing'; landed: string | null }
  | { kind: 'conflict'; conflict: Conflict }
  /** `commit` on the base branch brings it, on top of `from`; the two are the same where another member did. */
  | { kind: 'merged'; commit: string; from: string }
  /** Merges with the base branch, but not on top of the members before it. */
  | { kind: 'deferred' };

export interface Stack {
  /** One for each member of the request. */
  members: MemberResult[];
  /** Null when no member brings anything. */
  candidate: Candidate | null;
}
