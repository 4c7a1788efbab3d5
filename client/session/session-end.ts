import { isGrpcServiceError, ServiceError, type Client } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure } from '@temporalio/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FailureType } from '../../domain/session/failures';
import type { EpicResult, SessionResult } from '../../domain/session/session-result';
import { causeOf, failureText } from '../../services/temporal/workflow-end';
import { EXIT, type ExitCode } from '../cli/exit';
import { withOwnSignal } from '../cli/own-signal';
import type { Connected } from '../cli/connect';
import { handleOf, type SessionRef } from './session';

/** How a session ended, as Temporal tells it. `detached`: nobody waited for the end. */
export type SessionEnd =
  | { kind: 'complete' | 'incomplete'; result: SessionResult | null; message: string }
  | { kind: 'refused' | 'cancelled' | 'failed'; message: string }
  | { kind: 'detached' };

const RETRY_MS = 2_000;
/** A silent connection is given up by then: who has waited for longer had an answer in between. */
const STEADY_MS = 60_000;

/**
 * Waits for a session's end through any number of continue-as-new. While the server does not answer, or may be another's
 * that has taken the port of ours, it asks again, and says so once for each outage. Never throws.
 */
export async function sessionEnd(
  connected: Pick<Connected, 'client' | 'isHome'>,
  session: Pick<SessionRef, 'workflowId' | 'runId'>,
  {
    signal,
    onNotice,
    steadyMs = STEADY_MS,
  }: { signal: AbortSignal; onNotice: (line: string) => void; steadyMs?: number },
): Promise<SessionEnd> {
  let told = false;
  while (!signal.aborted) {
    const { client } = connected;
    const asked = Date.now();
    try {
      const handle = handleOf(client, session);
      // Without the signal its long poll, and with it the process, would outlive the person's patience.
      const result = await withOwnSignal(signal, (own) => client.withAbortSignal(own, () => handle.result()));
      return { kind: 'complete', result, message: '' };
    } catch (error) {
      if (signal.aborted) break;
      if (!isConnectionTrouble(error) && (await isOurs(connected, client))) return endOf(error);
      if (!told || Date.now() - asked >= steadyMs)
        onNotice(
          'Temporal does not answer; trying again until it does (Ctrl-C to stop). Look why: yokeflow doctor',
        );
      told = true;
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return { kind: 'detached' };
}

/** Whether the answer that `client` got came from our Temporal. */
async function isOurs({ client: now, isHome }: Pick<Connected, 'client' | 'isHome'>, client: Client) {
  return !isHome || (now === client && (await isHome()));
}

function isConnectionTrouble(error: unknown): boolean {
  const known = error instanceof Error && error.name === 'WorkflowNotFoundError';
  return !known && (error instanceof ServiceError || isGrpcServiceError(error));
}

/** Nothing ran, or nothing more can: a person has to change something first. */
const REFUSALS: FailureType[] = [
  'InvalidInput',
  'ProjectBusy',
  'RepositoryUnusable',
  'PullRequestsUnavailable',
  'AgentUnavailable',
  'ProviderRefused',
];

/** How a session ended whose result was asked for, and refused. */
export function endOf(error: unknown): SessionEnd {
  const cause = causeOf(error);
  if (cause instanceof CancelledFailure) return { kind: 'cancelled', message: 'the session was cancelled' };
  if (cause instanceof TerminatedFailure)
    return { kind: 'failed', message: `its workflow was terminated (${cause.message || 'no reason given'})` };
  const message = failureText(cause);
  if (!(cause instanceof ApplicationFailure)) return { kind: 'failed', message };
  if (REFUSALS.some((type) => type === cause.type)) return { kind: 'refused', message };
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
