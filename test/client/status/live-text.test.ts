import { hintFor } from '../../../client/text/hint';
import { liveText, silenceText } from '../../../client/status/live-text';
import { statusView } from '../../../domain/session/status-view';

const facts = {
  project: 'p',
  sessionId: 1,
  parallel: true,
  options: {},
  costUsd: 0,
  budgetUsd: null,
  taskCosts: new Map<number, number>(),
  laneNames: new Map<string, string>(),
};
const starting = { ...statusView(facts, null), maxConcurrency: 3 };

it.each([
  [{ state: 'running', running: [1, 4] }, 'Now: T1, T4 running (at most 3 agents at a time)'],
  [{ state: 'paused', running: [1] }, 'Now: paused, T1 running (at most 3 agents at a time)'],
  [{ state: 'starting', parallel: false }, 'Now: starting, no agent runs (one task at a time)'],
] as const)('%j', (view, text) => {
  expect(liveText({ ...starting, ...view, running: [...('running' in view ? view.running : [])] })).toBe(
    text,
  );
});

test('what agents are at, or what they wait for', () => {
  const doing = new Map([[4, 'tried again after: the API is busy']]);
  expect(liveText({ ...starting, state: 'running', running: [1, 4] }, doing)).toMatch(
    /T1, T4 running .*\n  T4 tried again after: the API is busy$/,
  );
});

it.each([
  ['none', 'No worker runs, so the session waits. Start one: npm run -s yokeflow -- up'],
  ['unknown', 'Temporal does not answer, so the session waits. Look why: npm run -s yokeflow -- doctor'],
  ['polling', /^Now: the worker did not answer within 2 s.*yokeflow -- doctor$/],
] as const)('without an answer: %s', (kind, text) => {
  expect(silenceText({ kind }, hintFor({ npm_lifecycle_event: 'yokeflow' }))).toMatch(text);
});

test('a worker that somebody has stopped: what lets it go on', () => {
  expect(silenceText({ kind: 'frozen', pid: 12 }, hintFor({}))).toMatch(
    /process 12, is stopped .*: kill -CONT 12$/,
  );
});
