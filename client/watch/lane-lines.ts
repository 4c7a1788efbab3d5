import stringWidth from 'string-width';
import { cost, elapsed } from '../text/units';
import { plural } from '../../domain/plural';
import { column, type Line, type Style } from './line';
import type { LanePicture, LaneState, RunningPicture } from './picture';
import type { Symbols } from './symbols';

const NAME_LEAST = 16;
const NAME_MOST = 44;
/** From this width on, what an agent does fits beside its task. */
const WIDE = 110;

const STYLES: Record<LaneState, Style> = {
  running: 'cyan',
  merging: 'cyan',
  trouble: 'red',
  finished: 'plain',
  waiting: 'dim',
  proposed: 'green',
  landed: 'green',
};

/** What is looked at first, where there is no room for all. */
const RANKS: Record<LaneState, number> = {
  trouble: 1,
  running: 0,
  merging: 2,
  finished: 3,
  waiting: 4,
  proposed: 5,
  landed: 6,
};

/** The lanes in at most `room` lines: those that matter most, and how many there are besides. */
export function laneLines(
  lanes: readonly LanePicture[],
  { width, room, symbols }: { width: number; room: number; symbols: Symbols },
): Line[] {
  const names = lanes.flatMap((lane) => [nameOf(lane), ...lane.running.map(taskName)]);
  const longest = names.reduce((most, name) => Math.max(most, stringWidth(name)), NAME_LEAST);
  const layout = { name: Math.min(longest, NAME_MOST, Math.max(Math.floor(width * 0.4), 8)), width, symbols };
  const blocks = lanes.map((lane) => ({ lane, lines: linesOf(lane, layout) }));
  const fits = blocks.reduce((sum, { lines }) => sum + lines.length, 0) <= room;
  if (fits) return blocks.flatMap(({ lines }) => lines);
  const shown = new Set<LanePicture>();
  let free = room - 1;
  for (const { lane, lines } of [...blocks].sort((a, b) => RANKS[a.lane.state] - RANKS[b.lane.state])) {
    if (lines.length > free) continue;
    shown.add(lane);
    free -= lines.length;
  }
  const hidden = lanes.filter((lane) => !shown.has(lane));
  return [
    ...blocks.filter(({ lane }) => shown.has(lane)).flatMap(({ lines }) => lines),
    ...(room > 0 ? [[{ text: `   ${rest(hidden, shown.size > 0)}`, style: 'dim' as const }]] : []),
  ];
}

function rest(lanes: readonly LanePicture[], others: boolean): string {
  const words: [LaneState, string][] = [
    ['running', 'running'],
    ['trouble', 'in trouble'],
    ['merging', 'merging'],
    ['finished', 'waiting to be merged'],
    ['waiting', 'waiting'],
    ['proposed', 'with a pull request'],
    ['landed', 'landed'],
  ];
  const counts = words
    .map(([state, word]) => ({ word, count: lanes.filter((lane) => lane.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${count} ${word}`);
  return `${plural(lanes.length, others ? 'more epic' : 'epic')}: ${counts.join(', ')}`;
}

const nameOf = ({ number, name }: LanePicture) => `${number} ${name}`;
const taskName = ({ what }: RunningPicture) => `  ${what}`;

interface Layout {
  name: number;
  width: number;
  symbols: Symbols;
}

function linesOf(lane: LanePicture, layout: Layout): Line[] {
  const { symbols } = layout;
  const style = STYLES[lane.state];
  const count = `${String(lane.done).padStart(3)}/${String(lane.total).padEnd(3)}`;
  const head: Line = [
    { text: ` ${symbols.lane[lane.state]} `, style },
    column(nameOf(lane), layout.name),
    { text: count, style: 'dim' },
    { text: lane.why, style: lane.state === 'running' ? 'red' : style },
  ];
  return [head, ...lane.running.flatMap((task) => runningLines(task, layout))];
}

function runningLines(task: RunningPicture, { name, width }: Layout): Line[] {
  const spent = task.costUsd > 0 || task.costUnknown ? `, ${cost(task.costUsd, task.costUnknown)}` : '';
  const head: Line = [
    '   ',
    column(taskName(task), name),
    { text: `  ${elapsed(task.elapsedMs).padEnd(9)} `, style: 'cyan' },
    { text: `${task.by}${spent}`, style: 'dim' },
  ];
  if (!task.action) return [head];
  if (width >= WIDE) return [[...head, { text: `  ${task.action}`, style: 'dim' }]];
  return [head, [{ text: `       ${task.action}`, style: 'dim' }]];
}
