import type { Check } from '../../services';
import type { WorkerPresence } from '../session/worker-presence';

/** Starts that failed in a row, from which on it is more than an accident. */
const MANY_FAILURES = 2;

/** What a worker can do nothing without. */
const NEEDS = ['PostgreSQL', 'Temporal'];

/** The line of `doctor` about the worker, below `others`. */
export function workerCheck(worker: WorkerPresence, others: readonly Check[]): Check {
  const name = 'worker';
  const remedy = 'run `yokeflow up`';
  const missing = others.find((check) => check.status === 'fail' && NEEDS.includes(check.name));
  switch (worker.kind) {
    case 'supervised': {
      const { pid, failures, log } = worker.program;
      const runs = `runs in the background, process ${pid}`;
      if (failures < MANY_FAILURES)
        return missing
          ? { name, status: 'fail', detail: `${runs}, and does nothing before ${missing.name} is put right` }
          : { name, status: 'ok', detail: runs };
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
