import { spawnSync } from 'node:child_process';
import pc from 'picocolors';
import stringWidth from 'string-width';
import { render, type Frame } from '../../../client/watch/render';
import { ASCII, UNICODE } from '../../../client/watch/symbols';
import { wrapCommand } from '../../../client/watch/wrap';
import { busy, huge, lane } from './pictures';

const frame = (width: number, height: number, rest: Partial<Frame> = {}): Frame => ({
  width,
  height,
  colours: pc.createColors(false),
  symbols: UNICODE,
  ...rest,
});

test('80 columns: batches, a lane for each epic, what runs, what is wrong, what is left', () => {
  expect(render(busy, frame(80, 30))).toMatchInlineSnapshot(`
   "my-app  session 3 running for 12 m 05 s, 2 agents at work, 4.20 USD
   ━━━━────────────────  14 of 60 tasks done, 1 failed, 2 blocked, about 34 m left
   Batches  1 of 3 over  2: 6/12  3: 0/40
   Critical path  T4 → T12 → T31 → T44

    ✓ 1 Backend Infrastructure         3/3  landed
    ● 2 User Authentication            1/3
        T4 Login form with validation  2 m 05 s  sonnet, try 2, 0.42 USD
          edit src/login/form.ts
    ✗ 3 Billing                        1/3  T7 failed: verify ended with exit code…
    ◆ 4 Search                         3/3  merging
    ○ 5 検索 と 通知                   0/3  waits for T7

   T7 Invoices failed: verify failed
     yokeflow retry 7 --project my-app

    14:03:05  T7 Invoices: failed: verify failed
    14:03:22  T4 Login form: started (claude sonnet)

   Ctrl-C stops watching; the run goes on"
  `);
});

test('wide, and in ASCII: what the agent does stands beside its task', () => {
  expect(
    render(busy, frame(120, 30, { symbols: ASCII }))
      .split('\n')
      .slice(4, 9),
  ).toMatchInlineSnapshot(`
   [
     "",
     " x 1 Backend Infrastructure         3/3  landed",
     " > 2 User Authentication            1/3",
     "     T4 Login form with validation  2 m 05 s  sonnet, try 2, 0.42 USD  edit src/login/form.ts",
     " ! 3 Billing                        1/3  T7 failed: verify ended with exit code 1",
   ]
  `);
});

test('200 epics: those that matter, and how many there are besides', () => {
  const text = render(huge, frame(80, 24));
  expect(text).toContain('● 191 Part 191');
  expect(text).toContain('✗ 151 Part 151');
  expect(text.match(/T4 Login/g)!.length).toBeGreaterThanOrEqual(3);
  expect(text).toMatch(/\d+ more epics: .*89 waiting, 100 landed/);
});

test.each([
  [80, 24],
  [80, 14],
  [60, 18],
  [40, 10],
  [34, 9],
  [20, 5],
  [10, 3],
  [1, 1],
])('nothing leaves a terminal of %d by %d', (width, height) => {
  for (const picture of [busy, huge, { ...busy, recent: [], steps: [], forecast: null, lanes: [] }]) {
    const lines = render(picture, frame(width, height)).split('\n');
    expect(lines.length).toBeLessThanOrEqual(height);
    expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
    expect(lines[0]).not.toBe('');
  }
});

test('colours take no room', () => {
  const colours = pc.createColors(true);
  const lines = render(busy, frame(60, 24, { colours })).split('\n');
  expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(60);
  expect(render(busy, frame(60, 24, { colours }))).toContain('\u001b[36m');
});

test('a pause says why; a cost that is not known is no cost of nothing', () => {
  const paused = { ...busy, status: 'paused' as const, reason: 'budget: spent', costUnknown: true };
  expect(render(paused, frame(120, 24)).split('\n')[0]).toBe(
    'my-app  session 3 paused (budget: spent), started 12 m 05 s ago, 2 agents at work, at least 4.20 USD',
  );
});

const RESOLVE =
  "cd '/home/ada/my projects/shop/.worktrees/epic-3-billing' && git add . && git commit --no-edit";
const MERGE =
  'npm run -s yokeflow -- retry 8 --project my-app --model opus --instructions "Keep the old API"';
const PATH = `cat /home/ada/${'deep/'.repeat(20)}worker.log`;

/** The lines of a frame that hold commands, as a shell reads them when they are pasted. */
const pasted = (text: string) =>
  text
    .replace(/ \\\n +/g, ' ')
    .replace(/\\\n/g, '')
    .split('\n')
    .map((line) => line.trim());

test.each([80, 60])('what is to be typed is never cut: %d columns', (width) => {
  const problem =
    'Epic 3 Billing waits for you: resolve its conflict in CHANGES.md, commit, and then merge it again';
  const steps = [{ problem, commands: [RESOLVE, MERGE, PATH] }];
  const text = render({ ...busy, steps }, frame(width, 60));
  expect(pasted(text)).toEqual(expect.arrayContaining([RESOLVE, MERGE, PATH]));
  expect(text.replace(/\n/g, ' ')).toContain(problem);
  expect(Math.max(...text.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
});

test('a comment is never run, however narrow the terminal', () => {
  const remove = 'git rm -- src/components/navigation/menu.ts';
  const command = `git add -- src/components/navigation/menu.ts    # keeps it; or remove it: ${remove}`;
  for (let width = 20; width < 130; width++) {
    const script = ['git() { echo "$@"; }', ...wrapCommand(command, width)].join('\n');
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect({ width, stdout, stderr }).toEqual({
      ...{ width, stderr: '' },
      stdout: 'add -- src/components/navigation/menu.ts\n',
    });
  }
});

test('40 columns: also a quoted word that is longer than a line is all there', () => {
  const bare = (text: string) => text.replace(/[\s\\]/g, '');
  const steps = [{ problem: 'Epic 3 waits', commands: [RESOLVE] }];
  expect(bare(render({ ...busy, steps }, frame(40, 40)))).toContain(bare(RESOLVE));
});

test('a command that has no room is left out rather than shown in part', () => {
  const steps = [{ problem: 'T8 failed', commands: ['yokeflow show 8', MERGE, PATH] }];
  const text = render({ ...busy, steps }, frame(60, 13));
  expect(pasted(text)).toEqual(expect.arrayContaining(['T8 failed', 'yokeflow show 8', MERGE]));
  expect(text).not.toContain('cat ');
  expect(pasted(render({ ...busy, steps }, frame(60, 10)))).toContain('yokeflow show 8');
});

test('24 lines: what runs comes before what happened, and the forecast is not cut', () => {
  const running = busy.lanes[1]!.running;
  const lanes = [1, 2, 3].map((number) => lane(number, { state: 'running', why: '', running }));
  const recent = Array.from({ length: 5 }, (_, index) => `14:03:0${index}  T${index} started`);
  const steps = [
    { problem: 'T7 failed', commands: ['yokeflow show 7', 'yokeflow retry 7', 'yokeflow skip 7'] },
  ];
  const text = render(
    { ...busy, lanes, recent, steps, forecast: { ms: 65_000, criticalPath: [] } },
    frame(80, 23),
  );
  expect(text.match(/T4 Login/g)).toHaveLength(3);
  expect(text).toContain('14:03:04  T4 started');
  expect(text).toMatch(/14 of 60 tasks done, 1 failed, 2 blocked, about 1 m 05 s left\n/);
  expect(render({ ...busy, lanes: lanes.slice(0, 2) }, frame(80, 9))).toContain('1 more epic: 1 running');
});
