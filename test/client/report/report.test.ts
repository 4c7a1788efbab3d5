import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hintFor } from '../../../client/text/hint';
import { loadFacts } from '../../../client/report/facts';
import { reportPage } from '../../../client/report/page';
import { landed } from '../../../client/report/sections';
import { timeline } from '../../../client/report/timeline';
import type { SessionEvent } from '../../../domain/session/events';
import type { Queryable } from '../../../db/connection/connection';
import { completeTask, failAttempt } from '../../../db/task/attempt-end';
import { appendEvent } from '../../../db/events/events';
import { loadPlan } from '../../../db/plan/plan-load';
import { closeSession } from '../../../db/session/session-close';
import { openSession } from '../../../db/session/session-open';
import { setSessionStatus } from '../../../db/session/session-pause';
import { commitId, runningSession, type RunningSession } from '../../db/scenario';
import { openFixture, type Fixture } from '../../db/database';
import { startTry, usage } from '../attempts';
import { cli, endpointsOf } from '../captured-cli';

const HOSTILE = '</script></pre><img src=x onerror="alert(1)">\u001b[2J\u202e';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

/** T1 fails once and completes, T3 fails with a hostile output; epic 1 lands, the session was paused meanwhile. */
async function endedSession(): Promise<RunningSession & { project: string }> {
  const { db } = fixture;
  const running = await runningSession(db);
  const { id: sessionId } = running.session;
  const first = await startTry(db, running, { task: 1, agent: 'script' });
  const red = { attemptId: first.attempt.id, token: first.token };
  await failAttempt(db, { ...red, reason: 'verify failed', outputTail: 'expected 1', retrying: true });
  const again = await startTry(db, running, { task: 1, agent: 'claude', model: 'claude-sonnet-5-5' });
  const payload = { model: 'claude-sonnet-5-5' };
  await again.record({ n: 0, kind: 'response', payload, usage: usage(1_000, 200), costNano: 1_230_000_000 });
  const commit = { commit: commitId('a'), baseCommit: commitId('b'), empty: false };
  await completeTask(db, { attemptId: again.attempt.id, token: again.token, ...commit });
  await setSessionStatus(db, { sessionId, status: 'paused', reason: 'by a person' });
  await setSessionStatus(db, { sessionId, status: 'running' });
  const third = await startTry(db, running, { task: 3, agent: 'command' });
  const hostile = { attemptId: third.attempt.id, token: third.token };
  await failAttempt(db, { ...hostile, reason: HOSTILE, outputTail: `FAIL ${HOSTILE}`, retrying: false });
  await appendEvent(db, { sessionId, type: 'merge_started', data: { epics: [1] } });
  await appendEvent(db, { sessionId, type: 'epic_merged', epic: 1, data: { commit: commitId('e') } });
  await closeSession(db, { sessionId, status: 'incomplete' });
  const { project } = await loadPlan(db, running.projectId);
  return { ...running, project: project.name };
}

const textOf = (page: string) =>
  page
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

test('tells the whole session on one page, and nothing that an agent wrote becomes markup', async () => {
  const { session } = await endedSession();
  const facts = await loadFacts(fixture.db, session, hintFor({}));
  const page = reportPage(facts);
  expect(page).not.toContain('A later session ran since');
  expect(page).not.toMatch(/<script|<img|onerror="|<pre><\/pre>|\u001b|\u202e/i);
  expect(page).not.toMatch(/<[^>]*(?:src|href)=|@import|url\((?!#)/);
  expect(page).toContain(
    'FAIL &lt;/script&gt;&lt;/pre&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;␛[2J',
  );
  const text = textOf(page);
  expect(text).toContain('1 of 3 tasks complete');
  expect(text).toContain('1.23 USD spent');
  expect(text).toMatch(/claude-sonnet-5-5 1,000 200 0 1\.23 USD/);
  expect(text).toMatch(/1 Backend 1,000 200 0 1\.23 USD/);
  expect(text).toMatch(/T1 Task 1: failed in .*, script: verify failed expected 1/);
  expect(text).toMatch(/What landed .* 1 Backend eeeeeee T1 Task 1 aaaaaaa/);
  expect(page).toContain('prefers-color-scheme: dark');
});

test('an older session is shown as it left the plan', async () => {
  const { db } = fixture;
  const running = await endedSession();
  const { session, projectId } = running;
  await appendEvent(db, { sessionId: session.id, type: 'task_failed', epic: 2, task: 3, data: {} });
  const place = { projectId, workflowId: `yokeflow-${running.project}`, runId: 'later', options: {} };
  const later = await openSession(db, place);
  const third = await startTry(db, { ...running, session: later }, { task: 3, agent: 'command' });
  const commit = { commit: commitId('c'), baseCommit: commitId('b'), empty: false };
  await completeTask(db, { attemptId: third.attempt.id, token: third.token, ...commit });
  await closeSession(db, { sessionId: later.id, status: 'incomplete' });

  expect(textOf(reportPage(await loadFacts(db, later, hintFor({}))))).toContain('2 of 3 tasks complete');
  const facts = await loadFacts(db, session, hintFor({}));
  const text = textOf(reportPage(facts));
  expect(text).toContain('A later session ran since');
  expect(text).toContain('1 of 3 tasks complete 1 failed');
  expect(text).toContain('T3 Task 3: failed T3 Task 3');
  for (const { epics } of [facts.plan, facts.summary])
    expect(epics.flatMap(({ tasks }) => tasks.map(({ status }) => status))).toEqual([
      ...['complete', 'pending', 'failed'],
    ]);
});

test('an agent that mends a conflict is not hidden behind a merge that is not under way', async () => {
  const { session } = await endedSession();
  const facts = await loadFacts(fixture.db, session, hintFor({}));
  const last = facts.events.at(-1)!;
  const mend = (type: SessionEvent['type'], data: SessionEvent['data']) => ({ ...last, type, epic: 2, data });
  const events = [
    ...facts.events,
    mend('merge_started', { mend: 'started', epics: [2] }),
    mend('attention_needed', { reason: 'conflict markers are still in a.js' }),
  ];
  const { lanes } = timeline({ ...facts, events });
  expect(lanes.map(({ bars }) => bars.map(({ state }) => state))).not.toContainEqual(
    expect.arrayContaining(['conflict']),
  );
});

test('a merge that something stands in the way of did not conflict; one that goes on has no end', async () => {
  const { session } = await endedSession();
  const facts = await loadFacts(fixture.db, session, hintFor({}));
  const last = facts.events.at(-1)!;
  const about = (type: SessionEvent['type'], epic: number, data: SessionEvent['data']) => ({
    ...{ ...last, type, epic, data },
  });
  const events = [
    about('merge_started', 1, {}),
    about('attention_needed', 1, { outcome: 'blocked', reason: 'your checkout has a.js changed' }),
    about('merge_started', 2, {}),
  ];
  const { lanes } = timeline({ ...facts, events });
  const merges = lanes.flatMap(({ bars }) => bars.filter(({ state }) => /conflict|merging/.test(state)));
  expect(merges.map((bar) => bar.about.replace(/\d+\.\d s/, 'N s'))).toEqual([
    'not merged after N s: your checkout has a.js changed',
    'merging for N s',
  ]);
});

test('a try at a merge is not one at the task that pays for it', async () => {
  const { session } = await endedSession();
  const facts = await loadFacts(fixture.db, session, hintFor({}));
  const attempts = facts.attempts.map((attempt) => ({
    ...attempt,
    purpose: attempt.task === 3 ? ('merge' as const) : attempt.purpose,
  }));
  const { lanes } = timeline({ ...facts, attempts });
  const bar = lanes[1]!.bars.at(-1)!;
  expect(bar).toMatchObject({ label: 'merge', task: null });
  expect(bar.about).toMatch(/^T3 Task 3: failed in .*, command, to settle its epic's merge: /);
});

test('what landed: each task once, with the first merge after it was complete', async () => {
  const { session } = await endedSession();
  const facts = await loadFacts(fixture.db, session, hintFor({}));
  const at = (seconds: number) => new Date(Date.parse(session.startedAt) + seconds * 1000).toISOString();
  const completed: Record<number, string> = { 1: at(1), 2: at(3), 3: at(9) };
  const epics = facts.plan.epics.map((epic) => ({
    ...epic,
    tasks: epic.tasks.map((task) => ({
      ...task,
      commit: 'f'.repeat(40),
      completedAt: completed[task.number]!,
    })),
  }));
  const merged = (seconds: number, epic: number | null, commit: string): SessionEvent => ({
    ...{ ...facts.events.at(-1)!, type: 'epic_merged' as const, at: at(seconds), epic },
    data: { commit: commit.repeat(40) },
  });
  const told = (...events: SessionEvent[]) =>
    textOf(landed({ ...facts, plan: { ...facts.plan, epics }, events }).text).trim();
  // T3 was done by a later session.
  expect(told(merged(2, null, 'a'), merged(4, null, 'b'))).toMatch(
    /^Epic Commit Tasks 1 Backend aaaaaaa T1 Task 1 fffffff\S* [^T]*1 Backend bbbbbbb T2 Task 2 fffffff[^T]*$/,
  );
  expect(told(merged(5, 1, 'a'), merged(6, 2, 'b'))).toMatch(/aaaaaaa T1 .* T2 .* 2 Frontend bbbbbbb$/);
});

test('costs are those of the session, and no sum of which a part is not known', async () => {
  const { session } = await endedSession();
  const facts = await loadFacts(fixture.db, session, hintFor({}));
  const costs = { ...facts.costs, total: { ...facts.costs.total, incomplete: true } };
  expect(textOf(reportPage({ ...facts, costs }))).toContain('at least 1.23 USD spent');
  const unknown = facts.attempts.map((attempt) => ({ ...attempt, costUnknown: true }));
  expect(textOf(landed({ ...facts, attempts: unknown }).text)).toContain('at least 1.23 USD');
  const nothing = { ...facts.costs.total, costNano: 0 };
  const page = textOf(reportPage({ ...facts, costs: { ...facts.costs, total: nothing } }));
  expect(page).not.toContain('no model was asked');
  expect(textOf(reportPage({ ...facts, attempts: [] }))).not.toMatch(/Epic 1 · \S+ s · 1\.23 USD/);
});

test('all of it is of one moment, whatever happens while it is looked up', async () => {
  const { db } = fixture;
  const running = await runningSession(db);
  const first = await startTry(db, running, { task: 1, agent: 'script' });
  const commit = { commit: commitId('a'), baseCommit: commitId('b'), empty: false };
  const meddling = (inner: Queryable): Queryable => ({
    async query(statement, values) {
      const result = await inner.query<never>(statement, values);
      if (typeof statement === 'string' && statement.includes('left(t.description, 80)'))
        await completeTask(db, { attemptId: first.attempt.id, token: first.token, ...commit });
      return result;
    },
    transaction: (work) => inner.transaction((tx) => work(meddling(tx))),
  });
  const facts = await loadFacts(meddling(db), running.session, hintFor({}));
  const statuses = [facts.summary.epics[0]!.tasks[0]!, facts.plan.epics[0]!.tasks[0]!, ...facts.attempts];
  expect(statuses.map(({ status }) => status)).toEqual(['running', 'running', 'running']);
  expect(facts.events.map(({ type }) => type)).not.toContain('task_complete');
});

test('what a merged tree printed that is red stands with what to do', async () => {
  const { session } = await endedSession();
  const facts = await loadFacts(fixture.db, session, hintFor({}));
  const steps = [{ problem: 'Epic 2 waits', output: ['FAIL <b>', '2 failed'], commands: [] }];
  expect(reportPage({ ...facts, steps })).toContain('<pre>FAIL &lt;b&gt;\n2 failed</pre>');
});

test('the timeline has tries, merges and pauses, each where it belongs', async () => {
  const { session } = await endedSession();
  const facts = await loadFacts(fixture.db, session, hintFor({}));
  const { lanes, pauses, idle } = timeline(facts);
  const bars = lanes.map(({ epic, bars }) => [
    epic,
    bars.filter(({ state }) => state !== 'wait').map(({ state, label }) => `${label || 'merge'} ${state}`),
  ]);
  expect(bars).toEqual([
    [1, ['T1 failed', 'T1 complete', 'merge merged']],
    [2, ['T3 failed']],
  ]);
  expect(pauses).toMatchObject([{ reason: 'by a person' }]);
  expect(idle).toBe(0);
});

test('the command writes the file and says where; a folder that is not there is one clear line', async () => {
  const { project, session } = await endedSession();
  const folder = await mkdtemp(path.join(tmpdir(), 'yokeflow-report-'));
  const run = (...argv: string[]) =>
    cli(['report', '--project', project, ...argv], endpointsOf(fixture.url), folder);
  const file = path.join(folder, `yokeflow-${project}-${session.id}.html`);
  expect(await run()).toMatchObject({ code: 0, stdout: file });
  expect(await readFile(file, 'utf8')).toContain(`<title>${project}: session ${session.id}</title>`);
  expect((await run('--output', '-')).stdout).toMatch(/^<!doctype html>/);
  const facts = JSON.parse((await run('--json')).stdout) as object;
  expect(facts).toMatchObject({ summary: { session: { id: session.id } }, attempts: expect.any(Array) });
  for (const more of [[], ['--json'], []])
    expect(await run('--output', 'one', ...more)).toMatchObject({ code: 0 });
  await writeFile(path.join(folder, 'plan.yaml'), 'project: mine\n');
  expect(await run('--output', 'plan.yaml')).toMatchObject({
    code: 2,
    stderr: `yokeflow: --output: ${folder}/plan.yaml is there, and is no report: give another file, or remove it`,
  });
  expect(await readFile(path.join(folder, 'plan.yaml'), 'utf8')).toBe('project: mine\n');
  const { code, stderr } = await run('--output', 'missing/report.html');
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^yokeflow: --output: .*missing\/report\.html cannot be written .*: give another file$/,
  );
  await rm(folder, { recursive: true });
});
