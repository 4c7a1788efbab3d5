import type { SubmodulesBehind } from '../submodule/submodule-behind';

export interface Blocked {
  kind: 'blocked';
  /** For a person: what stands in the way, and what to do. */
  reason: string;
  /** The files that stand in the way, if it is files. */
  files: string[];
  /** Another git command is at it right now, or the disk is full: this may pass by itself within seconds. */
  busy?: boolean;
}

export type Advance =
  | { kind: 'landed'; commit: string; behind?: SubmodulesBehind }
  /** The base branch is no longer where it was when the merge was made. */
  | { kind: 'moved' }
  | Blocked;

export const blocked = (reason: string, files: string[] = []): Blocked => ({
  kind: 'blocked',
  reason,
  files,
});

export const busy = (reason: string): Blocked => ({ ...blocked(reason), busy: true });
