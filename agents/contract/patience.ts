import { setTimeout as sleep } from 'node:timers/promises';
import type { FailureType } from '../../domain/session/failures';

/** Waits between tries: about a minute in all, which a restart of the database takes. */
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

const MAY_PASS: FailureType = 'DatabaseUnavailable';

/**
 * Does again, while the database is away or too busy, what the work of minutes or a paid response would be lost for
 * otherwise. Every other error, such as a lost lease, is thrown at once; after `signal` the last one.
 */
export async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const wait of WAITS_MS) {
    try {
      return await work();
    } catch (error) {
      if ((error as { type?: unknown }).type !== MAY_PASS) throw error;
      await sleep(wait, undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
  return work();
}
