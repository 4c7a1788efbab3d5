import type { StatusView } from '../../domain/session/status-view';
import { plural } from '../../domain/plural';
import type { Hint } from '../text/hint';
import type { WorkerPresence } from '../session/worker-presence';

/** What the workflow says right now: `Now: T1, T4 running (at most 3 agents at a time)`, and what these are at. */
export function liveText(
  { state, running, parallel, maxConcurrency }: StatusView,
  doing: ReadonlyMap<number, string> = new Map(),
): string {
  const what =
    running.length > 0 ? `${running.map((task) => `T${task}`).join(', ')} running` : 'no agent runs';
  const limit = parallel ? `at most ${plural(maxConcurrency, 'agent')} at a time` : 'one task at a time';
  const last = running.filter((task) => doing.has(task)).map((task) => `  T${task} ${doing.get(task)}`);
  const now = `Now: ${state === 'running' ? '' : `${state}, `}${what} (${limit})`;
  return [now, ...last].join('\n');
}

/** Why the workflow did not answer, and what to do about it. */
export function silenceText(worker: WorkerPresence, hint: Hint): string {
  switch (worker.kind) {
    case 'none':
      return `No worker runs, so the session waits. Start one: ${hint('up')}`;
    case 'frozen':
      return `The worker, process ${worker.pid}, is stopped (SIGSTOP, or Ctrl-Z), so the session waits. Let it go on: kill -CONT ${worker.pid}`;
    case 'unknown':
      return `Temporal does not answer, so the session waits. Look why: ${hint('doctor')}`;
    case 'supervised':
    case 'orphaned':
    case 'polling':
      return `Now: the worker did not answer within 2 s; the above is what PostgreSQL knows. Look why: ${hint('doctor')}`;
  }
}
