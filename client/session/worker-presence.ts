import { findProcess } from '../../processes/table';
import { serviceStatus, type ProgramStatus, type TemporalEndpoint } from '../../services';
import { livePollers, processOf } from '../../services/temporal/pollers';
import { askTemporal } from '../cli/ask-temporal';

/**
 * `supervised`: one runs in the background, or is started again at this moment. `orphaned`: one runs, but what would
 * start it again was killed. `polling`: one asked for work within the last minute or so. `frozen`: it is there, and somebody
 * has stopped its process. `unknown`: Temporal does not answer.
 */
export type WorkerPresence =
  | { kind: 'supervised'; program: ProgramStatus }
  | { kind: 'frozen'; pid: number }
  | { kind: 'orphaned' | 'polling' | 'none' | 'unknown' };

/** Whether anybody does the work that sessions ask for. @param temporal null: it does not run */
export async function workerPresence(
  env: NodeJS.ProcessEnv,
  temporal: TemporalEndpoint | null,
): Promise<WorkerPresence> {
  const { supervisor, programs } = await serviceStatus(env);
  const program = programs.find(({ name }) => name === 'worker');
  if (program?.running && (await isFrozen(program.pid))) return { kind: 'frozen', pid: program.pid };
  if (program && supervisor !== null) return { kind: 'supervised', program };
  if (program?.running) return { kind: 'orphaned' };
  if (!temporal) return { kind: 'none' };
  const pollers = await askTemporal(temporal, livePollers).catch(() => null);
  if (pollers === null) return { kind: 'unknown' };
  let frozen: number | null = null;
  for (const pid of pollers.map(processOf)) {
    if (pid === null || !(await isFrozen(pid))) return { kind: 'polling' };
    frozen = pid;
  }
  return frozen === null ? { kind: 'none' } : { kind: 'frozen', pid: frozen };
}

const isFrozen = async (pid: number): Promise<boolean> => (await findProcess(pid))?.stopped === true;
