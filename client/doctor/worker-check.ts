import type { Check } from '../../services';
import type { WorkerPresence } from '../session/worker-presence';

/** Starts that failed in a row, from which on it is more than an accident. */
const MANY_FAILURES = 2;

/** The line of `doctor` about the worker. */
export function workerCheck(worker: WorkerPresence): Check {
  const name = 'worker';
  const remedy = 'run `yokeflow up`';
  switch (worker.kind) {
    case 'supervised': {
      const { pid, failures, log } = worker.program;
      if (failures < MANY_FAILURES)
        return { name, status: 'ok', detail: `runs in the background, process ${pid}` };
      return { name, status: 'fail', detail: 'keeps ending soon after its start', remedy: `read ${log}` };
    }
    case 'frozen': {
      const { pid } = worker;
      const detail = `process ${pid} is stopped (SIGSTOP, or Ctrl-Z), so no session goes on`;
      return { name, status: 'fail', detail, remedy: `kill -CONT ${pid}` };
    }
    case 'orphaned':
      return { name, status: 'warn', detail: 'runs, but nothing would start it again', remedy };
    case 'polling':
      return { name, status: 'ok', detail: 'one asked Temporal for work lately' };
    case 'none':
      return { name, status: 'warn', detail: 'none runs, so no session goes on', remedy };
    case 'unknown':
      return {
        name,
        status: 'warn',
        detail: 'none of ours; Temporal does not say whether another runs',
        remedy,
      };
  }
}
