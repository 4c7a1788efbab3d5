import type { LanePicture, Picture } from '../../../client/watch/picture';

export const lane = (number: number, rest: Partial<LanePicture> = {}): LanePicture => ({
  number,
  name: `Part ${number}`,
  state: 'waiting',
  done: 0,
  total: 3,
  why: 'waits for T1',
  running: [],
  ...rest,
});

/** Five lanes, each in another state, with a failure and something to do. */
export const busy: Picture = {
  project: 'my-app',
  sessionId: 3,
  status: 'running',
  reason: null,
  elapsedMs: 725_900,
  costUsd: 4.2,
  costUnknown: false,
  tasks: { total: 60, done: 14, failed: 1, blocked: 2 },
  agents: 2,
  batches: [
    { number: 1, settled: 8, total: 8 },
    { number: 2, settled: 6, total: 12 },
    { number: 3, settled: 0, total: 40 },
  ],
  lanes: [
    lane(1, { name: 'Backend Infrastructure', state: 'landed', done: 3, why: 'landed' }),
    lane(2, {
      name: 'User Authentication',
      state: 'running',
      done: 1,
      why: '',
      running: [
        {
          what: 'T4 Login form with validation',
          elapsedMs: 125_000,
          by: 'sonnet, try 2',
          costUsd: 0.421,
          costUnknown: false,
          action: 'edit src/login/form.ts',
        },
      ],
    }),
    lane(3, { name: 'Billing', state: 'trouble', done: 1, why: 'T7 failed: verify ended with exit code 1' }),
    lane(4, { name: 'Search', state: 'merging', done: 3, why: 'merging' }),
    lane(5, { name: '検索 と 通知', state: 'waiting', why: 'waits for T7' }),
  ],
  forecast: { ms: 34 * 60_000 + 12_345, criticalPath: [4, 12, 31, 44] },
  steps: [{ problem: 'T7 Invoices failed: verify failed', commands: ['yokeflow retry 7 --project my-app'] }],
  recent: [
    '14:03:05  T7 Invoices: failed: verify failed',
    '14:03:22  T4 Login form: started (claude sonnet)',
  ],
  notices: [],
};

/** A plan of 200 epics, ten of them running, one in trouble. */
export const huge: Picture = {
  ...busy,
  lanes: Array.from({ length: 200 }, (_, index) =>
    lane(index + 1, {
      ...(index < 100 ? { state: 'landed', why: 'landed' } : {}),
      ...(index === 150 ? { state: 'trouble', why: 'merge conflict' } : {}),
      ...(index >= 190 ? { state: 'running', why: '', running: busy.lanes[1]!.running } : {}),
    }),
  ),
};
