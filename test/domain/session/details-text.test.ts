import { detailsText } from '../../../domain/session/details-text';
import { createScheduler, step } from '../../../domain/scheduler';
import { statusView } from '../../../domain/session/status-view';
import { schedulerFor } from '../../support/scheduler-run';
import { guide, task } from '../../support/guide-tasks';

const CONFIG = { maxConcurrency: 1, scheduling: 'dependencies', onFailure: 'continue' } as const;

const facts = {
  project: 'my-app',
  sessionId: 1,
  parallel: true,
  options: { parallel: true },
  costUsd: 4.2,
  budgetUsd: 20,
  taskCosts: new Map([
    [1, 0.2],
    [6, 4],
  ]),
  laneNames: new Map([
    ['epic-1', 'Backend'],
    ['epic-2', 'User Authentication'],
    ['epic-3', 'Docs'],
  ]),
  started: new Map([[6, { title: 'Write the guide, all of it', agent: 'claude sonnet', since: '11:58:03' }]]),
};

test('says first what a person should type, then what runs, and nothing is wider than the Web UI shows', () => {
  const state = schedulerFor(guide, { onFailure: 'wait' });
  step(state, { type: 'begin' });
  step(state, { type: 'taskSettled', task: 1, outcome: 'complete' });
  step(state, { type: 'taskSettled', task: 2, outcome: 'failed', reason: 'verify ended with exit code 1' });
  const text = detailsText(facts, state, '12:00:00');
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(56);
  expect(text).toMatchInlineSnapshot(`
   "\`\`\`
   my-app: running, 1 of 7 tasks done
   1 agent at work (3 at most), 4.20 of 20.00 USD

   Waits for a person: one of these
     T2 failed: verify ended with exit code 1
       temporal workflow update execute \\
         -w yokeflow-my-app --name retryTask --input 2
       or
       temporal workflow update execute \\
         -w yokeflow-my-app --name skipTask --input 2

   Running
     T6 Write the guide, al claude sonnet, since 11:58:03

   Epics
     1 Backend               incomplete    1 of 2  0.20 USD
     2 User Authentication   incomplete    0 of 3
     3 Docs                  running       0 of 2  4.00 USD

   Problems
     T2 failed: verify ended with exit code 1
     T3 blocked: depends on T2, which failed
     T4 blocked: depends on T2, which failed
     T5 blocked: depends on T4, which is blocked
     T7 blocked: depends on T3, which is blocked

   Batches
     3 batches over
     batch   1  ##########..........  1 of 2 settled

   updated 12:00:00 UTC, press R to refresh
   \`\`\`"
  `);
});

test('long names, large sums and every status stay within that width', () => {
  const plan = Array.from({ length: 200 }, (_, index) => task(index + 1, index < 100 ? 1 : 2));
  const state = schedulerFor(plan, { maxConcurrency: 10 });
  step(state, { type: 'begin' });
  const [mended, landing] = [...state.lanes.values()];
  Object.assign(mended!, { mend: { state: 'queued', outcome: 'conflict', reason: 'a.js' } });
  Object.assign(landing!, { landing: 'queued' });
  const wide = {
    ...facts,
    ...{ project: 'a-project-whose-name-is-rather-long', costUsd: 4321.09 },
    taskCosts: new Map(plan.map(({ id }) => [id, 1.23])),
    laneNames: new Map([['epic-1', 'x'.repeat(80)]]),
    started: new Map([
      [1, { title: 'y'.repeat(80), agent: 'claude-code claude-sonnet-5', since: '11:58:03' }],
    ]),
  };
  const lines = detailsText(wide, state, '12:00:00').split('\n');
  expect(lines.join('\n')).toMatch(/to be mended .* waits to land /s);
  expect(lines.slice(1, 3)).toEqual([
    'a-project-whose-name-is-rather-long: running',
    '  0 of 200 tasks done',
  ]);
  expect(lines.filter((line) => line.length > 56)).toEqual([]);
});

test('stays small for a plan of any size, and no name breaks out of the block', () => {
  const plan = Array.from({ length: 10_000 }, (_, index) => task(index + 1, (index % 1000) + 1));
  const state = schedulerFor(plan, { maxConcurrency: 10 });
  step(state, { type: 'begin' });
  const text = detailsText({ ...facts, laneNames: new Map([['epic-1', 'a ``` b']]) }, state, '12:00:00');
  expect(text.length).toBeLessThan(50_000);
  expect(text.match(/```/g)).toHaveLength(2);
});

test('a project whose name is longer than a line: its beginning is told, and what it came to', () => {
  const state = schedulerFor([task(1, 1)]);
  step(state, { type: 'begin' });
  const project = 'p'.repeat(63);
  for (const stopping of ['no', 'suspend'] as const) {
    Object.assign(state, { finished: stopping !== 'no', stopping });
    const [, name, tasks] = detailsText({ ...facts, project }, state, '12:00:00').split('\n');
    expect(name).toMatch(
      stopping === 'no' ? /^p{40,}\.\.\.: running$/ : /^p{25,}\.\.\.: goes on in its next run$/,
    );
    expect(name!.length).toBe(56);
    expect(tasks).toBe('  0 of 1 tasks done');
  }
});

test('the whole picture of 10,000 tasks is smaller than what Temporal warns of, and says of each its batch once', () => {
  const plan = Array.from({ length: 10_000 }, (_, index) => ({
    ...task(index + 1, (index % 1000) + 1),
    dependsOn: index < 1000 ? [] : [index - 999],
  }));
  const state = schedulerFor(plan, { maxConcurrency: 10 }, ({ id }) => (id <= 2000 ? 'finished' : 'todo'));
  step(state, { type: 'begin' });
  const laneNames = new Map(
    [...state.lanes.keys()].map((lane) => [lane, `${lane}: what this part is about`]),
  );
  const view = statusView({ ...facts, laneNames }, state);
  expect(JSON.stringify(view).length).toBeLessThan(512 * 1024);
  expect(view.tasks).toHaveLength(10_000);
  expect(view.tasks.slice(1_999, 2_001)).toEqual([
    { task: 2_000, status: 'complete' },
    { task: 2_001, status: 'running' },
  ]);
  expect(view.batches[2]!.tasks).toContain(2_001);
  expect(view.batches.flatMap(({ tasks }) => tasks)).toHaveLength(10_000);
});

test('the whole picture of 10,000 tasks fits into a payload, whatever went wrong', () => {
  const plan = Array.from({ length: 10_000 }, (_, index) => task(index + 1, (index % 1000) + 1));
  const state = schedulerFor(plan, { maxConcurrency: 10, onFailure: 'wait' });
  // Three bytes each.
  const reason = '\u6587'.repeat(5_000);
  for (const entry of state.tasks.values()) Object.assign(entry, { state: 'failed', reason });
  for (const lane of state.lanes.values()) Object.assign(lane, { outcome: 'conflict', reason });
  step(state, { type: 'pause' });
  const view = statusView(facts, state);
  expect(Buffer.byteLength(JSON.stringify(view))).toBeLessThan(1_500_000);
  expect(view.tasks[0]!.reason).toBe(reason.slice(0, 200));
  expect(view.epics[0]!.reason).toBe(reason.slice(0, 200));
  expect(view.waits.at(-1)!.reason).toBe('paused: by a person');
});

test('a lane that is no epic: its name is typed as JSON', () => {
  const lanes = [{ id: 'sequential', unlanded: true, landsPartly: true }];
  const state = createScheduler([], { ...CONFIG, onConflict: 'wait' }, lanes);
  step(state, { type: 'begin' });
  const held = [{ lane: 'sequential', outcome: 'blocked', reason: 'a.js has changes' }] as const;
  step(state, { type: 'stackEnded', landed: [], held: [...held], deferred: [], red: null });
  expect(statusView(facts, state).waits[0]!.commands[0]).toMatch(
    / --name retryMerge --input '"sequential"'$/,
  );
});

test('a session that is over names what goes on, and no update: its workflow takes none', () => {
  const failed = schedulerFor([task(1, 1)], { onFailure: 'continue' });
  step(failed, { type: 'begin' });
  step(failed, { type: 'taskSettled', task: 1, outcome: 'failed', reason: 'red' });
  step(failed, { type: 'laneEnded', lane: 'epic-1', outcome: 'incomplete' });
  const cancelled = schedulerFor([task(1, 1)], { onFailure: 'wait' });
  step(cancelled, { type: 'pause' });
  step(cancelled, { type: 'stop', how: 'cancel' });
  for (const [state, end] of [
    [failed, 'incomplete'],
    [cancelled, 'cancelled'],
  ] as const) {
    expect(state.finished).toBe(true);
    const text = detailsText(facts, state, '12:00:00');
    expect(text).toContain(`my-app: ${end}, 0 of 1 tasks done`);
    expect(text).toContain('  yokeflow run --project my-app --parallel\n');
    expect(text).not.toMatch(/workflow update|Waits for/);
    expect(statusView(facts, state).waits).toEqual([]);
  }
});

test('a session that is over is run again with its options, on lines that can be pasted', () => {
  const state = schedulerFor([task(1, 1)], { onFailure: 'continue' });
  step(state, { type: 'begin' });
  step(state, { type: 'taskSettled', task: 1, outcome: 'failed', reason: 'red' });
  step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'incomplete' });
  const options = {
    parallel: true,
    maxConcurrency: 5,
    mergeStrategy: 'squash',
    verify: 'npm test',
    epics: [1],
  } as const;
  const told = (more: object) =>
    detailsText({ ...facts, options: { ...options, epics: [1], ...more } }, state, '12:00:00');
  expect(told({})).toContain(
    '  yokeflow run --project my-app --parallel \\\n' +
      '    --max-concurrency 5 --merge-strategy squash \\\n' +
      "    --verify 'npm test'\n",
  );
  const verify = 'npm run lint -- --max-warnings 0 && npm test -- --ci';
  expect(told({ verify })).toContain(`squash \\\n    --verify '${verify}'\n`);
  expect(told({ verify: 'a ``` b' })).not.toContain('yokeflow run');
});

test('a command that a person is waited for stands there once', () => {
  const state = schedulerFor([task(1, 1), task(2, 2)], { onConflict: 'wait' });
  step(state, { type: 'begin' });
  Object.assign(state.lanes.get('epic-1')!, { outcome: 'conflict', reason: 'conflict in a.js' });
  expect(detailsText(facts, state, '12:00:00').match(/--name retryMerge --input 1\n/g)).toHaveLength(1);
});

test('an epic in conflict has its command while the session is open, also where nobody is waited for', () => {
  const state = schedulerFor([task(1, 1), task(2, 2)], { onConflict: 'fail' });
  step(state, { type: 'begin' });
  Object.assign(state.lanes.get('epic-1')!, { outcome: 'conflict', reason: 'conflict in a.js' });
  const text = detailsText(facts, state, '12:00:00');
  expect(text).toContain('-w yokeflow-my-app --name retryMerge --input 1\n');
});

test('what the reason of a failure says to type is not cut', () => {
  const reason =
    'no API key for the agent "claude": set ANTHROPIC_API_KEY=sk-ant-..., or choose an agent that needs no key: --agent script';
  const state = schedulerFor(guide);
  step(state, { type: 'begin' });
  step(state, { type: 'taskSettled', task: 1, outcome: 'failed', reason });
  expect(detailsText(facts, state, '12:00:00')).toContain('--agent script\n');
});

test('names the pull request of an epic that is proposed, from this session or an earlier one', () => {
  const tasks = [...schedulerFor([task(1, 1), task(2, 2)], {}, () => 'finished').tasks.values()];
  const lanes = [
    { id: 'epic-1', unlanded: false, proposed: 'pull request #11: https://github.com/me/app/pull/11' },
    { id: 'epic-2', unlanded: false },
  ];
  const state = createScheduler(tasks, { ...CONFIG, onConflict: 'fail', pullRequests: true }, lanes);
  step(state, { type: 'begin' });
  const text = detailsText(facts, state, '12:00:00');
  expect(text).toContain('  1 epic on the base branch');
  expect(text).toMatch(/^ {2}1 Backend +proposed +1 of 1/m);
  expect(text).toContain('https://github.com/me/app/pull/11');
  expect(text).toContain('my-app: complete');
});
