import { fail } from './failure';

/** Of a payload, by Temporal's own limit: an answer that is larger is lost, and its activity would be tried for ever. */
const MOST_BYTES = 2_000_000;

/** @throws ApplicationFailure `InvalidInput` for what does not fit */
export function requireFit(activity: string, answer: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(answer) ?? '');
  if (bytes <= MOST_BYTES) return;
  const size = `${(bytes / 1_000_000).toFixed(1)} MB`;
  throw fail(
    'InvalidInput',
    `the answer of ${activity} has ${size}, and Temporal takes 2: a plan of fewer, larger epics has shorter ones`,
  );
}
