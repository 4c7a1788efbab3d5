import type { Conflict, MergeStrategy } from '../domain/model';

/** A finished merge that no branch points to yet: verify its tree, then `land` it. */
export interface Candidate {
  kind: 'candidate';
  base: { old: string; new: string };
  tree: string;
  /** Squash only: the private ref that moves together with the base branch. */
  integration?: { ref: string; old: string; new: string };
  /** Squash only: the base branch was rewritten by others; what was dropped there can come back. */
  baseRewritten?: boolean;
}

export type Preparation =
  /** Contained already; `landed` is the commit of the base branch that brought it, null if it was there before. */
  { kind: 'nothing'; landed: string | null } | Candidate | { kind: 'conflict'; conflict: Conflict };

export interface LandingRequest {
  baseBranch: string;
  /** A branch or commit to land. */
  head: string;
  strategy: MergeStrategy;
  message: string;
  /** ISO 8601, of the commits that are made. */
  date: string;
}
