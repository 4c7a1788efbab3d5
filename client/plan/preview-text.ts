import type { Resolution } from '../../domain/graph/graph';
import type { ModelForecast } from '../../domain/plan/plan-forecast';
import type { Overlap } from '../../domain/plan/plan-overlap';
import { listed } from '../../domain/listed';
import { plural } from '../../domain/plural';
import { batchLines } from '../text/batches';
import { duration, firstLine, money } from '../text/units';

export interface Preview {
  resolution: Pick<Resolution, 'batches' | 'criticalPath'>;
  maxConcurrency: number;
  /** How many tasks there are, and how many of them are not finished: what follows is about these. */
  tasks: number;
  left: number;
  forecasts: ModelForecast[];
  /** Whether it is known what tries took so far: that is in the database, which need not run. */
  experienced: boolean;
  overlaps: Overlap[];
}

const MOST_BATCHES = 20;
const MOST_OVERLAPS = 10;
const MOST_PATHS = 5;

export function previewText({ resolution, maxConcurrency, tasks, left, ...rest }: Preview): string {
  if (tasks === 0) return 'The plan has no tasks.';
  const { batches, criticalPath } = resolution;
  const what =
    left === tasks
      ? 'Expected'
      : `Expected of the ${plural(left, 'task')} that ${left === 1 ? 'is' : 'are'} left,`;
  const more = batches.length - MOST_BATCHES;
  return [
    ...batchLines(batches.slice(0, MOST_BATCHES)),
    ...(more > 0 ? [`and ${more} more`] : []),
    '',
    `Longest chain: ${criticalPath
      .slice(0, 30)
      .map((task) => `T${task}`)
      .join(' ')}${criticalPath.length > 30 ? ' ...' : ''}`,
    '',
    ...(left === 0
      ? ['Nothing is left to do.']
      : [
          `${what} with ${plural(maxConcurrency, 'agent')} at a time`,
          ...rest.forecasts.map((line) => forecastLine(line, rest.experienced)),
          ...overlapLines(rest.overlaps),
        ]),
  ].join('\n');
}

function forecastLine({ model, minutes, costUsd, tries }: ModelForecast, experienced: boolean): string {
  const spent = costUsd === null ? 'cost unknown' : money(costUsd);
  if (model === null)
    return `  ${duration(minutes * 60_000)}, no cost: all tasks are scripts (assumed: 12 s each)`;
  const why = experienced ? 'too few tries so far' : 'the tries so far are in PostgreSQL, which does not run';
  const source = tries > 0 ? `from ${tries} tries so far` : `assumed: ${why}`;
  return `  ${model.padEnd(6)}  ${duration(minutes * 60_000).padEnd(9)}  ${spent.padEnd(10)}  (${source})`;
}

function overlapLines(overlaps: readonly Overlap[]): string[] {
  if (overlaps.length === 0) return ['', 'No two epics name the same files.'];
  const more = overlaps.length - MOST_OVERLAPS;
  return [
    '',
    'Likely to conflict, as their tasks name the same files',
    ...overlaps.slice(0, MOST_OVERLAPS).map(({ epics: [one, other], paths }) => {
      const named = paths.map((path) => firstLine(path, 60));
      return `  epic ${one} and epic ${other}: ${listed(named, MOST_PATHS)}`;
    }),
    ...(more > 0 ? [`  and ${plural(more, 'more pair')}`] : []),
  ];
}
