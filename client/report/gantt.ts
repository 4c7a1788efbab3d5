import { cut } from '../text/columns';
import { title } from '../text/plan-names';
import { duration } from '../text/units';
import { html, type Html } from './html';
import { ticks } from './ticks';
import type { Bar, Timeline, TimelineLane } from './bars';

const WIDTH = 1160;
const GUTTER = 210;
const AXIS = 26;
const MANY_LANES = 40;
const LETTER = 6.6;
/** As many letters, of which wide ones take two, as the gutter holds. */
const COLUMNS = 28;
const SLIM = 2;

/** The timeline as a picture: a lane for each epic, from left to right as time went by. */
export function gantt(timeline: Timeline): Html {
  const { lanes, totalMs, pauses } = timeline;
  const row = lanes.length > MANY_LANES ? 18 : 28;
  const height = AXIS + lanes.length * row + 6;
  const x = (ms: number) => GUTTER + (ms / totalMs) * (WIDTH - GUTTER - 8);
  return html`<div class="scroll">
    <svg class="gantt" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Timeline of the session">
      ${ticks(totalMs).map(
        (ms) =>
          html`<line class="grid" x1="${x(ms)}" x2="${x(ms)}" y1="${AXIS - 6}" y2="${height}" />
            <text class="axis" x="${x(ms)}" y="${AXIS - 11}">${ms === 0 ? '0' : shortTime(ms)}</text>`,
      )}
      ${pauses.map(
        ({ from, to, reason }) =>
          html`<rect
            class="pause"
            x="${x(from)}"
            width="${Math.max(x(to) - x(from), SLIM)}"
            y="${AXIS - 6}"
            height="${height}"
          >
            <title>paused for ${duration(to - from)}${reason ? `: ${reason}` : ''}</title>
          </rect>`,
      )}
      ${lanes.map((lane, index) => laneRow(lane, { y: AXIS + index * row, row, x, odd: index % 2 === 1 }))}
    </svg>
  </div>`;
}

const shortTime = (ms: number) =>
  duration(ms)
    .replace('.0 s', ' s')
    .replace(/ 0+ [sm]$/, '');

interface Place {
  y: number;
  row: number;
  x: (ms: number) => number;
  odd: boolean;
}

function laneRow({ epic, name, bars }: TimelineLane, { y, row, x, odd }: Place): Html {
  const label = `${epic} ${title(name)}`;
  return html`${odd && html`<rect class="stripe" x="0" y="${y}" width="${WIDTH}" height="${row}" />`}
    <text class="lane" x="8" y="${y + row / 2 + 4}">${cut(label, COLUMNS)}<title>${label}</title></text>
    ${bars.map((bar) => barMark(bar, { y, row, x, odd }))}`;
}

function barMark(bar: Bar, { y, row, x }: Place): Html {
  const left = x(bar.from);
  const wide = x(bar.to) - left;
  const about = html`<title>${bar.about}</title>`;
  if (bar.state === 'wait') {
    const middle = y + row / 2;
    return html`<g class="wait"
      >${about}<rect class="hit" x="${left}" y="${y}" width="${wide}" height="${row}" /><line
        x1="${left + 1}"
        x2="${left + wide - 1}"
        y1="${middle}"
        y2="${middle}"
    /></g>`;
  }
  const inset = row > 20 ? 5 : 3;
  const label = bar.label.length * LETTER + 6 < wide ? bar.label : '';
  return html`<g class="bar ${bar.state}"
    >${about}<rect
      x="${left}"
      y="${y + inset}"
      width="${Math.max(wide - 1, SLIM)}"
      height="${row - 2 * inset}"
      rx="3"
    />${label && html`<text x="${left + wide / 2}" y="${y + row / 2 + 4}">${label}</text>`}</g
  >`;
}
