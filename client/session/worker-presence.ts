import { Client } from '@temporalio/client';
import { serviceStatus, type ProgramStatus, type TemporalEndpoint } from '../../services';
import { withTemporal } from '../../services/temporal/reachable';
import { isPolled } from './worker-watch';

const WITHIN_MS = 2_000;

/**
 * `supervised`: one runs in the background, or is started again at this moment. `orphaned`: one runs, but what would
 * start it again was killed. `polling`: one asked for work within the last minute or so. `unknown`: Temporal does not
 * answer.
 */
export type WorkerPresence =
  { kind: 'supervised'; program: ProgramStatus } | { kind: 'orphaned' | 'polling' | 'none' | 'unknown' };

/** Whether anybody does the work that sessions ask for. @param temporal null: it does not run */
export async function workerPresence(
  env: NodeJS.ProcessEnv,
  temporal: TemporalEndpoint | null,
): Promise<WorkerPresence> {
  const { supervisor, programs } = await serviceStatus(env);
  const program = programs.find(({ name }) => name === 'worker');
  if (program && supervisor !== null) return { kind: 'supervised', program };
  if (program?.running) return { kind: 'orphaned' };
  if (!temporal) return { kind: 'none' };
  const { namespace, connectConfig } = temporal;
  const polled = await withTemporal(connectConfig.connectionOptions, WITHIN_MS, (connection) =>
    isPolled(new Client({ connection, namespace }), AbortSignal.timeout(WITHIN_MS)),
  ).catch(() => null);
  if (polled === null) return { kind: 'unknown' };
  return { kind: polled ? 'polling' : 'none' };
}
