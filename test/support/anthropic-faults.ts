import { random } from './random';

/** What goes wrong with a call, instead of or in the middle of its response. */
export type Fault =
  | {
      kind: 'status';
      status: number;
      type?: string;
      message?: string;
      /** The API's name for the cause, in `error.details`. */
      code?: string;
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
  /** The inputs of tool calls are no JSON. */
  | { kind: 'bad-input' }
  /** A gateway's page; with status 200, if not given. */
  | { kind: 'html'; status?: number }
  /** A gateway that does not stream. */
  | { kind: 'json' };

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
