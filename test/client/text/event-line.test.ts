import pc from 'picocolors';
import { eventLine, eventText } from '../../../client/text/event-line';
import type { PlanNames } from '../../../client/text/plan-names';
import type { EventType, SessionEvent } from '../../../domain/session/events';

const names: PlanNames = {
  project: 'shop',
  task: (number) => `T${number} Login`,
  epic: (number) => `Epic ${number} Users`,
  knows: () => true,
};

function event(type: EventType, data: object = {}, place: Partial<SessionEvent> = {}): SessionEvent {
  const at = new Date(2026, 0, 2, 14, 3, 5).toISOString();
  return { seq: 1, sessionId: 1, epic: null, task: null, at, type, data: { ...data }, ...place };
}

const inTask = { epic: 2, task: 4 };
const files = [
  { path: 'a.js', kind: 'contents' },
  { path: 'b.js', kind: 'add/add' },
];

const dropped = [
  { path: 'a.js', count: 2, lines: ['one', 'two'] },
  { path: 'b.js', count: 1, lines: ['one'] },
  { path: 'c.js', count: 0, lines: [], deletion: true },
];

it('tells every kind of event in words', () => {
  const told: [EventType, object, Partial<SessionEvent>?][] = [
    ['session_started', { options: { parallel: true, maxConcurrency: 3 } }],
    ['session_started', { options: { parallel: false } }],
    ['batch_started', { batch: 2, tasks: 1 }],
    ['task_started', { attempt: 1, agent: 'script', model: null }, inTask],
    ['task_started', { attempt: 2, agent: 'claude', model: 'sonnet', modelReason: 'as asked' }, inTask],
    [
      'task_started',
      { attempt: 1, agent: 'claude', model: 'claude-haiku-5-5', modelReason: 'auto: haiku: a short chore' },
      inTask,
    ],
    ['agent_turn', { attempt: 1, n: 3 }, inTask],
    ['task_retrying', { attempt: 1, reason: 'verify failed\nlong output' }, inTask],
    ['task_complete', { durationMs: 65_000, costUsd: 0.4211, empty: false }, inTask],
    ['task_complete', { durationMs: 850, costUsd: 0, empty: true }, inTask],
    ['task_complete', { durationMs: 850, costUsd: 0.4211, unknown: true }, inTask],
    ['task_complete', { durationMs: 850, costUsd: 0, unknown: true }, inTask],
    ['task_failed', { reason: 'out of time' }, inTask],
    ['attention_needed', { outcome: 'failed', reason: 'out of time' }, inTask],
    ['task_blocked', { reason: 'depends on T3, which failed' }, inTask],
    ['batch_complete', { batch: 2 }],
    ['cost_update', { sessionCostUsd: 0.0042 }, inTask],
    ['merge_started', {}, { epic: 2 }],
    ['merge_started', { mend: 'done' }, { epic: 2 }],
    ['merge_started', { mend: 'done', dropped }, { epic: 2 }],
    ['merge_conflict', { files }, { epic: 2 }],
    ['epic_merged', { commit: '1a2b3c4d5e6f' }, { epic: 2 }],
    ['attention_needed', { reason: 'your checkout has a.js changed' }, { epic: 2 }],
    ['session_paused', { paused: true, reason: 'by a person' }],
    ['session_paused', { paused: false, reason: null }],
    ['session_complete', { status: 'incomplete', durationSeconds: 3725, costUsd: 12 }],
  ];
  const lines = told.map(([type, data, place]) => eventText(event(type, data, place), names));
  expect(lines).toEqual([
    'session started, at most 3 agents at a time',
    'session started, one task at a time',
    'batch 2 started (1 task)',
    'T4 Login: started (script)',
    'T4 Login: started (claude sonnet, try 2)',
    'T4 Login: started (claude haiku, auto: haiku: a short chore)',
    'T4 Login: turn 3',
    'T4 Login: try 1 failed, it is tried again: verify failed',
    'T4 Login: complete in 1 m 05 s, 0.42 USD',
    'T4 Login: complete in 0.9 s, changed nothing',
    'T4 Login: complete in 0.9 s, at least 0.42 USD',
    'T4 Login: complete in 0.9 s, cost unknown',
    'T4 Login: failed: out of time',
    'T4 Login: needs you: yokeflow retry 4 --project shop, or yokeflow skip 4 --project shop',
    'T4 Login: blocked: depends on T3, which failed',
    'batch 2 complete',
    'T4 Login: 0.0042 USD spent so far',
    'Epic 2 Users: merging into the base branch',
    'Epic 2 Users: its merge is settled: see yokeflow resolution 2 --project shop',
    'Epic 2 Users: its merge is settled, without 2 lines of a.js, 1 line of b.js, the deletion of c.js, which git had merged: see yokeflow resolution 2 --project shop',
    'Epic 2 Users: merge conflict in a.js, b.js',
    'Epic 2 Users: merged as 1a2b3c4',
    'Epic 2 Users: needs you: your checkout has a.js changed',
    'paused: by a person',
    'resumed',
    'session incomplete in 1 h 02 m, 12.00 USD',
  ]);
});

it.each([
  [{ complete: 2, failed: 0, blocked: 0, skipped: 0 }, 'batch 2 complete'],
  [{ complete: 0, failed: 0, blocked: 3, skipped: 0 }, 'batch 2 ended: 3 blocked'],
  [{ complete: 1, failed: 1, blocked: 0, skipped: 2 }, 'batch 2 ended: 1 complete, 1 failed, 2 skipped'],
])('does not call a batch complete whose tasks are not: %j', (counts, line) => {
  expect(eventText(event('batch_complete', { batch: 2, ...counts }), names)).toBe(line);
});

it('puts the local time before it, and nothing that moves the cursor into it', () => {
  const hostile = event('task_failed', { reason: 'a\u001b[2Jb' }, inTask);
  expect(eventLine(hostile, names, pc.createColors(false))).toBe('14:03:05  T4 Login: failed: a [2Jb');
});
