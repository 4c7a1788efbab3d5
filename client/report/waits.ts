import { duration } from '../text/units';
import type { ReportFacts } from './facts';
import type { Bar, Clock, Timeline } from './bars';

/** What is shorter than this part of the session is no wait that anybody sees. */
const LEAST_SHARE = 0.004;

interface Surroundings {
  pauses: Timeline['pauses'];
  totalMs: number;
  /** Hard dependencies, by task. */
  needs: ReadonlyMap<number, readonly number[]>;
  /** When tasks were complete in this session. */
  completed: ReadonlyMap<number, number>;
}

export function surroundings(
  { plan, attempts }: Pick<ReportFacts, 'plan' | 'attempts'>,
  pauses: Timeline['pauses'],
  clock: Clock,
): Surroundings {
  const tasks = plan.epics.flatMap((epic) => epic.tasks);
  const complete = attempts.filter(({ status, purpose }) => status === 'complete' && purpose !== 'merge');
  return {
    pauses,
    totalMs: clock(null),
    needs: new Map(
      tasks.map(({ number, dependsOn }) => [
        number,
        dependsOn.filter(({ type }) => type === 'hard').map((needed) => needed.task),
      ]),
    ),
    completed: new Map(complete.map(({ task, endedAt }) => [task, clock(endedAt)])),
  };
}

/** The times in which a lane had something to do and did nothing, with the reason. */
export function waitsOf(bars: readonly Bar[], around: Surroundings): Bar[] {
  const least = around.totalMs * LEAST_SHARE;
  const waits: Bar[] = [];
  let idleSince = 0;
  for (const [index, bar] of bars.entries()) {
    const { from } = bar;
    if (from - idleSince > least) {
      const why = reasonFor(bars[index - 1], bar, idleSince, around);
      const about = `${why} for ${duration(from - idleSince)}`;
      waits.push({ from: idleSince, to: from, state: 'wait', label: '', about, task: null });
    }
    idleSince = Math.max(idleSince, bar.to);
  }
  return waits;
}

function reasonFor(before: Bar | undefined, next: Bar, since: number, around: Surroundings): string {
  if (around.pauses.some(({ from, to }) => from < next.from && to > since)) return 'paused';
  if (next.task === null) return 'waited for its turn to merge';
  const needed = lastNeeded(next.task, since, around);
  if (needed !== null) return `T${next.task} waited for T${needed}`;
  if (before?.task === next.task) return `T${next.task} waited for its next try`;
  return `T${next.task} waited for an agent`;
}

/** The dependency that was complete last, if that was after `since`. */
function lastNeeded(task: number, since: number, { needs, completed }: Surroundings): number | null {
  const late = (needs.get(task) ?? [])
    .map((needed) => ({ needed, at: completed.get(needed) ?? 0 }))
    .filter(({ at }) => at > since)
    .sort((a, b) => b.at - a.at);
  return late[0]?.needed ?? null;
}
