import type { Colors } from 'picocolors/types';
import { cost, elapsed } from '../text/units';
import { plural } from '../../domain/plural';
import { laneLines } from './lane-lines';
import { paint, type Line } from './line';
import type { Picture } from './picture';
import { stepLines } from './step-lines';
import type { Symbols } from './symbols';

export interface Frame {
  width: number;
  /** Lines that there is room for. */
  height: number;
  colours: Colors;
  symbols: Symbols;
}

/** Below this many lines there is room for what runs, and for nothing else. */
const LOW = 14;
const RECENT = 5;
const BAR = 20;
const LEAST_BAR = 6;

/** The live view of a session as text: lines that fit the frame, the most important ones first. */
export function render(picture: Picture, frame: Frame): string {
  const { width, height, symbols } = frame;
  const low = height < LOW;
  const head = headLines(picture, frame).slice(0, low ? Math.max(Math.min(height - 2, 2), 1) : undefined);
  const free = height - head.length;
  const room = (share: number) => Math.max(Math.floor(free * share), low ? 1 : 3);
  const steps = stepLines(picture, { width, room: room(low ? 0.5 : 0.4) });
  const gap: Line[] = low ? [] : [[]];
  const wanted = low ? [] : picture.recent.slice(-RECENT);
  const foot: Line[] = low ? [] : [[], [{ text: 'Ctrl-C stops watching; the run goes on', style: 'dim' }]];
  const others = gap.length + section(gap, steps).length + foot.length;
  const least = Math.min(
    laneLines(picture.lanes, { width, room: free, symbols }).length,
    Math.floor(free / 2),
  );
  const recent = wanted.slice(
    Math.min(Math.max(wanted.length - (free - others - gap.length - least), 0), RECENT),
  );
  const recentLines = section(
    gap,
    recent.map((text): Line => [{ text: ` ${text}`, style: 'dim' }]),
  );
  const lanes = laneLines(picture.lanes, {
    width,
    room: Math.max(free - others - recentLines.length, 0),
    symbols,
  });
  const lines = [...head, ...gap, ...lanes, ...section(gap, steps), ...recentLines, ...foot];
  return lines
    .slice(0, height)
    .map((line) => paint(line, width, frame.colours))
    .join('\n');
}

/** What is to be said before anything is known of the session. */
export function renderNotices(notices: readonly string[], { width, height, colours }: Frame): string {
  return stepLines({ steps: [], notices }, { width, room: height })
    .map((line) => paint(line, width, colours))
    .join('\n');
}

const section = (gap: Line[], lines: Line[]): Line[] => (lines.length ? [...gap, ...lines] : []);

function headLines(picture: Picture, { width, symbols }: Frame): Line[] {
  const spent =
    picture.costUsd > 0 || picture.costUnknown ? `, ${cost(picture.costUsd, picture.costUnknown)}` : '';
  const paused = picture.status === 'paused';
  const state = paused && picture.reason ? `paused (${picture.reason})` : picture.status;
  const title: Line = [
    { text: picture.project, style: 'bold' },
    `  session ${picture.sessionId} `,
    { text: state, style: paused ? 'yellow' : 'plain' },
    `${paused ? ', started' : ' for'} ${elapsed(picture.elapsedMs)}${paused ? ' ago' : ''}, ${plural(picture.agents, 'agent')} at work${spent}`,
  ];
  return [title, progressLine(picture, width, symbols), ...batchLine(picture), ...pathLine(picture, symbols)];
}

function progressLine({ tasks, forecast }: Picture, width: number, symbols: Symbols): Line {
  const wrong = [
    ...(tasks.failed ? [`${tasks.failed} failed`] : []),
    ...(tasks.blocked ? [`${tasks.blocked} blocked`] : []),
  ];
  const done = `  ${tasks.done} of ${plural(tasks.total, 'task')} done`;
  const failed = wrong.length ? `, ${wrong.join(', ')}` : '';
  const left = forecast ? `, about ${roughly(forecast.ms)} left` : '';
  // The bar says least: it gives way to the words.
  const room = width - (done + failed + left).length;
  const size = Math.max(Math.min(BAR, Math.floor(width / 3), room), Math.min(LEAST_BAR, width));
  const filled = tasks.total ? Math.floor((tasks.done / tasks.total) * size) : size;
  return [
    { text: symbols.done.repeat(filled), style: 'green' },
    { text: symbols.open.repeat(size - filled), style: 'dim' },
    done,
    ...(failed ? [{ text: failed, style: 'red' as const }] : []),
    ...(left ? [left] : []),
  ];
}

/** A forecast to the second would promise too much. */
function roughly(ms: number): string {
  const seconds = Math.max(Math.round(ms / 5_000) * 5, 5);
  return elapsed((seconds < 120 ? seconds : Math.round(seconds / 60) * 60) * 1000).replace(/ 00 s$/, '');
}

const MOST_BATCHES = 8;

function batchLine({ batches }: Picture): Line[] {
  if (!batches.length) return [];
  const open = batches.filter(({ settled, total }) => settled < total);
  const over = batches.length - open.length;
  const shown = open
    .slice(0, MOST_BATCHES)
    .map(({ number, settled, total }) => `${number}: ${settled}/${total}`);
  const rest = open.length - shown.length;
  const parts = [
    ...(over ? [`${over} of ${batches.length} over`] : []),
    ...shown,
    ...(rest > 0 ? [`${rest} more`] : []),
  ];
  return [[{ text: `Batches  ${parts.join('  ')}`, style: 'dim' }]];
}

const MOST_ON_PATH = 8;

function pathLine({ forecast }: Picture, symbols: Symbols): Line[] {
  const path = forecast?.criticalPath ?? [];
  if (path.length < 2) return [];
  const shown = path.slice(0, MOST_ON_PATH).map((task) => `T${task}`);
  const rest = path.length - shown.length;
  const text = [...shown, ...(rest > 0 ? [`${rest} more`] : [])].join(` ${symbols.step} `);
  return [[{ text: `Critical path  ${text}`, style: 'dim' }]];
}
