import { setTimeout as sleep } from 'node:timers/promises';
import type { Transcript, TranscriptEntry } from '../contract/agent';

/** Waits between tries: about a minute in all, which a restart of the database takes. */
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/**
 * Records what has been paid for. While the database is away it keeps trying, since losing a response means to pay for
 * it again. Every other error, such as a lost lease, is thrown at once.
 */
export async function recordPaid(
  transcript: Transcript,
  entry: TranscriptEntry,
  signal: AbortSignal,
): Promise<void> {
  for (const wait of WAITS_MS) {
    try {
      return await transcript.record(entry);
    } catch (error) {
      if ((error as { type?: unknown }).type !== 'DatabaseUnavailable') throw error;
      await sleep(wait, undefined, { signal });
    }
  }
  await transcript.record(entry);
}
