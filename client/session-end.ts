import { isGrpcServiceError, ServiceError, WorkflowFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EpicResult, SessionResult } from '../domain/session-result';
import { EXIT, type ExitCode } from './exit';
import type { SessionHandle } from './session';

/** How a session ended, as Temporal tells it. `detached`: nobody waited for the end. */
export type SessionEnd =
  | { kind: 'complete' | 'incomplete'; result: SessionResult | null; message: string }
  | { kind: 'refused' | 'cancelled' | 'failed'; message: string }
  | { kind: 'detached' };

const RETRY_MS = 2_000;

/**
 * Waits for a session's end through any number of continue-as-new. While the server does not answer it asks again,
 * and says so once. Never throws.
 */
export async function sessionEnd(
  client: Client,
  handle: SessionHandle,
  { signal, onNotice }: { signal: AbortSignal; onNotice: (line: string) => void },
): Promise<SessionEnd> {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      // Without the signal its long poll, and with it the process, would outlive the person's patience.
      const result = await client.withAbortSignal(signal, () => handle.result());
      return { kind: 'complete', result, message: '' };
    } catch (error) {
      if (signal.aborted) break;
      if (!isConnectionTrouble(error)) return endOf(error);
      if (failures === 0) onNotice('Temporal does not answer; trying again until it does (Ctrl-C to stop)');
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return { kind: 'detached' };
}

function isConnectionTrouble(error: unknown): boolean {
  const known = error instanceof Error && error.name === 'WorkflowNotFoundError';
  return !known && (error instanceof ServiceError || isGrpcServiceError(error));
}

/** How a session ended whose result was asked for, and refused. */
export function endOf(error: unknown): SessionEnd {
  const cause = error instanceof WorkflowFailedError ? error.cause : error;
  if (cause instanceof CancelledFailure) return { kind: 'cancelled', message: 'the session was cancelled' };
  const message = cause instanceof Error ? cause.message : String(error);
  if (!(cause instanceof ApplicationFailure)) return { kind: 'failed', message };
  if (cause.type === 'InvalidInput') return { kind: 'refused', message };
  if (cause.type !== 'SessionIncomplete') return { kind: 'failed', message };
  const [result] = (cause.details ?? []) as [SessionResult?];
  return { kind: 'incomplete', result: result ?? null, message };
}

export function exitCodeOf(end: SessionEnd): ExitCode {
  if (end.kind === 'complete') return EXIT.ok;
  if (end.kind === 'refused') return EXIT.usage;
  return end.kind === 'detached' ? EXIT.detached : EXIT.incomplete;
}

/** The epics whose workflow ended without a result. */
export function lostEpics(result: SessionResult | null): EpicResult[] {
  return result?.epics.filter(({ status }) => status === 'lost') ?? [];
}
