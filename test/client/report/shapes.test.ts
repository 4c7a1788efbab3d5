import { gantt } from '../../../client/report/gantt';
import { layOut } from '../../../client/report/graph-layout';
import { html } from '../../../client/report/html';
import { ticks } from '../../../client/report/ticks';
import { surroundings, waitsOf } from '../../../client/report/waits';
import type { Bar } from '../../../client/report/bars';
import type { ReportFacts } from '../../../client/report/facts';

test('a template escapes all but its own markup', () => {
  const inner = html`<b>${'<i>&"\''}</b>`;
  expect(html`<p>${inner}${[html`1`, '<2>']}${false}${null}${0}</p>`.text).toBe(
    '<p><b>&lt;i&gt;&amp;&quot;&#39;</b>1&lt;2&gt;0</p>',
  );
});

test.each([
  [900, [0]],
  [9_500, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((seconds) => seconds * 1000)],
  [45 * 60_000, [0, 5, 10, 15, 20, 25, 30, 35, 40, 45].map((minutes) => minutes * 60_000)],
])('round times on the axis of %d ms', (totalMs, expected) => {
  expect(ticks(totalMs)).toEqual(expected);
});

test('the axis of a session of weeks has few marks', () => {
  expect(ticks(40 * 24 * 3_600_000).length).toBeLessThan(13);
});

test('dependencies go from left to right; what has none stands below, and nothing overlaps', () => {
  const size = { width: 100, height: 40 };
  const nodes = Array.from({ length: 200 }, (_, index) => ({ id: String(index), ...size }));
  const edges = [
    { from: '0', to: '1', soft: false },
    { from: '1', to: '2', soft: true },
  ];
  const { nodes: places, width, height } = layOut(nodes, edges);
  expect(places.get('0')!.x).toBeLessThan(places.get('1')!.x);
  expect(places.get('1')!.x).toBeLessThan(places.get('2')!.x);
  const all = [...places.values()];
  const overlaps = all.filter((a) =>
    all.some((b) => a !== b && Math.abs(a.x - b.x) < size.width && Math.abs(a.y - b.y) < size.height),
  );
  expect(overlaps).toEqual([]);
  expect(all).toHaveLength(200);
  expect(Math.max(...all.map(({ x }) => x)) + 50).toBeLessThanOrEqual(width);
  expect(Math.max(...all.map(({ y }) => y)) + 20).toBeLessThanOrEqual(height);
});

test('says what a lane waited for', () => {
  const bar = (task: number | null, from: number, to: number): Bar => ({
    ...{ task, from, to, state: 'complete', label: '', about: '' },
  });
  const tasks = [{ number: 2, dependsOn: [{ task: 1, type: 'hard' }] }].map((task) => ({ ...task }));
  const plan = { epics: [{ tasks }] } as unknown as ReportFacts['plan'];
  const attempts = [{ task: 1, status: 'complete', endedAt: '200' }] as unknown as ReportFacts['attempts'];
  const clock = (iso: string | null) => (iso === null ? 1_000 : Number(iso));
  const around = surroundings({ plan, attempts }, [{ from: 700, to: 720, reason: '' }], clock);
  const bars = [bar(2, 200, 300), bar(2, 350, 400), bar(3, 500, 600), bar(4, 750, 800), bar(null, 900, 950)];
  expect(waitsOf(bars, around).map(({ about }) => about)).toEqual([
    'T2 waited for T1 for 0.2 s',
    'T2 waited for its next try for 0.1 s',
    'T3 waited for an agent for 0.1 s',
    'paused for 0.2 s',
    'waited for its turn to merge for 0.1 s',
  ]);
});

test('200 lanes make one picture of as many rows', () => {
  const lanes = Array.from({ length: 200 }, (_, index) => ({
    epic: index + 1,
    name: `Part ${index + 1}`,
    bars: [{ task: 1, from: index, to: index + 1, state: 'complete' as const, label: 'T1', about: 'T1' }],
  }));
  const { text } = gantt({ totalMs: 200, lanes, pauses: [], idle: 0 });
  expect(text.match(/class="bar complete"/g)).toHaveLength(200);
});

test('wide letters take the room of two', () => {
  const lane = (name: string) => ({ epic: 1, name, bars: [] });
  const { text } = gantt({
    totalMs: 1,
    lanes: [lane('認証'.repeat(12)), lane('a'.repeat(40))],
    pauses: [],
    idle: 0,
  });
  const shown = [...text.matchAll(/class="lane"[^>]*>([^<]*)</g)].map(([, label]) => label);
  expect(shown).toEqual([`1 ${'認証'.repeat(6)}…`, `1 ${'a'.repeat(25)}…`]);
});
