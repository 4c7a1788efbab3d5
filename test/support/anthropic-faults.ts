/** What goes wrong with a call, instead of or in the middle of its response. */
export type Fault =
  | {
      kind: 'status';
      status: number;
      type?: string;
      message?: string;
      /** Seconds, or a date as HTTP has it. */
      retryAfter?: number | string;
    }
  | { kind: 'disconnect'; afterEvents: number }
  /** Ends early, and in order as far as HTTP is concerned. */
  | { kind: 'end'; afterEvents: number }
  /** The stream goes silent; with `pings`, only as far as the model is concerned. */
  | { kind: 'stall'; afterEvents: number; ms: number; pings?: boolean }
  /** An `error` event inside a stream that began well. */
  | { kind: 'error-event'; afterEvents: number; type: string }
  /** A gateway's page, with status 200. */
  | { kind: 'html' };

/** Asked for each call, numbered from 1 in the order of their arrival. */
export type FaultPlan = (call: number) => Fault | null;

const KINDS: Fault[] = [
  { kind: 'status', status: 429, retryAfter: 1 },
  { kind: 'status', status: 429 },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 529 },
  { kind: 'disconnect', afterEvents: 0 },
  { kind: 'disconnect', afterEvents: 3 },
  { kind: 'error-event', afterEvents: 2, type: 'overloaded_error' },
];

/** A share of all calls fails; which, and how, follows from the seed alone. */
export const seededFaults =
  ({ seed, share }: { seed: number; share: number }): FaultPlan =>
  (call) =>
    random(seed, call) < share ? KINDS[Math.floor(random(seed + 1, call) * KINDS.length)]! : null;

/** From 0 up to 1, the same for the same numbers (the finalizer of MurmurHash3). */
function random(seed: number, n: number): number {
  let hash = (seed * 0x9e3779b1 + n) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
