import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { appendEvent } from '../../db/events/events';
import { claimNotification, listNotifications } from '../../db/events/notifications';
import { importPlan } from '../../db/plan/plan-import';
import type { Queryable } from '../../db/connection/connection';
import { DatabaseUnavailable } from '../../db/connection/errors';
import { closeSession } from '../../db/session/session-close';
import { noteFor } from '../../db/session/session-notes';
import { openSession } from '../../db/session/session-open';
import { setSessionStatus } from '../../db/session/session-pause';
import type { Notification } from '../../domain/session/notification';
import { channelsFrom } from '../../notify/channels';
import { startNotifier } from '../../notify/notifier';
import { waitUntil } from '../../services/wait';
import { cli } from '../client/captured-cli';
import { openFixture, type Fixture } from '../db/database';
import { repositoryOf, smallPlan, uniqueName } from '../db/scenario';

interface Received {
  headers: IncomingHttpHeaders;
  body: Notification;
}

let fixture: Fixture;
let server: Server;
let received: Received[];
/** What the webhook answers, one after the other; then 204. */
let answers: number[];
let folder: string;
let webhook: string;

beforeEach(async () => {
  fixture = await openFixture();
  folder = await mkdtemp(path.join(tmpdir(), 'yokeflow-notify-'));
  [received, answers] = [[], []];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({
        headers: request.headers,
        body: JSON.parse(Buffer.concat(chunks).toString()) as Notification,
      });
      response.writeHead(answers.shift() ?? 204).end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterEach(async () => {
  server.close();
  await fixture.close();
  await rm(folder, { recursive: true });
});

async function givenSession(options: Record<string, unknown> = {}): Promise<number> {
  const project = uniqueName('told');
  const plan = smallPlan(project);
  const { projectId } = await importPlan(fixture.db, { plan, repository: repositoryOf(project) });
  const start = { projectId, workflowId: `yokeflow-${project}`, runId: 'r', options };
  return (await openSession(fixture.db, start)).id;
}

function notifier(env: NodeJS.ProcessEnv, log: string[] = []) {
  const { channels } = channelsFrom({ PATH: process.env.PATH, ...env });
  const redact = (text: string) => text.replaceAll('hunter2', '[redacted]');
  return startNotifier({
    ...{ db: fixture.db, channels, redact, lookMs: 20, retryMs: [20, 20] },
    log: (line) => void log.push(line),
  });
}

const settled = (count: number) =>
  waitUntil(async () => {
    const all = await listNotifications(fixture.db);
    return all.length === count && all.every(({ status }) => status !== 'sending');
  }, 30_000);

test('what needs a person and the end are told once each over each channel, though two workers look', async () => {
  const sessionId = await givenSession({ onFailure: 'wait' });
  const env = {
    YOKEFLOW_NOTIFY_WEBHOOK: webhook,
    YOKEFLOW_NOTIFY_COMMAND: `cat >> ${folder}/told; echo "$YOKEFLOW_TEXT" >> ${folder}/texts`,
  };
  const workers = [notifier(env), notifier(env)];
  const append = (
    type: 'attention_needed' | 'task_failed' | 'task_complete',
    data: Record<string, unknown>,
  ) => appendEvent(fixture.db, { sessionId, type, epic: 2, data });
  await append('task_complete', {});
  await append('attention_needed', { reason: 'conflict in \u001b[2Ja.txt, hunter2 $(touch pwned)' });
  await append('task_failed', { reason: 'no' });
  await append('attention_needed', { outcome: 'failed', reason: 'no' });
  await setSessionStatus(fixture.db, { sessionId, status: 'paused', reason: 'by a person' });
  await setSessionStatus(fixture.db, { sessionId, status: 'running', reason: 'by a person' });
  await setSessionStatus(fixture.db, { sessionId, status: 'paused', reason: 'budget: 5 USD are spent' });
  await closeSession(fixture.db, { sessionId, status: 'incomplete' });
  expect(await settled(8)).toBe(true);
  await Promise.all(workers.map((worker) => worker.stop()));

  // Two workers tell of two events at the same time: which is first is not said.
  received.sort((a, b) => a.body.id.localeCompare(b.body.id, 'en', { numeric: true }));
  const project = received[0]!.body.project;
  const texts = [
    `${project} needs you: epic 2: conflict in ␛[2Ja.txt, [redacted] $(touch pwned)`,
    `${project} needs you: epic 2 failed: no`,
    `${project} is paused: budget: 5 USD are spent`,
    `${project}: not everything landed; tasks: 3 pending`,
  ];
  expect(received.map(({ body }) => body.text)).toEqual(texts);
  const linesOf = async (name: string) =>
    (await readFile(path.join(folder, name), 'utf8')).trim().split('\n').sort();
  expect(await linesOf('texts')).toEqual([...texts].sort());
  expect(await linesOf('told')).toEqual(received.map(({ body }) => JSON.stringify(body)).sort());
  expect(received.map(({ headers }) => headers['idempotency-key'])).toEqual(
    received.map(({ body }) => body.id),
  );
  expect(received[3]!.body).toMatchObject({
    event: 'session_complete',
    status: 'incomplete',
    session: sessionId,
  });
});

test('a channel that does not work is tried again only where nothing was sent, and stops no other', async () => {
  const sessionId = await givenSession();
  answers = [503, 204, 500];
  const log: string[] = [];
  const env = { YOKEFLOW_NOTIFY_WEBHOOK: webhook, YOKEFLOW_NOTIFY_COMMAND: 'echo broken >&2; exit 3' };
  const worker = notifier(env, log);
  await appendEvent(fixture.db, { sessionId, type: 'attention_needed', data: {} });
  await appendEvent(fixture.db, { sessionId, type: 'attention_needed', data: {} });
  expect(await settled(4)).toBe(true);
  await worker.stop();
  expect(received).toHaveLength(3);
  const outcomes = (await listNotifications(fixture.db)).map(({ channel, seq, status, reason }) => [
    channel,
    seq,
    status,
    reason,
  ]);
  expect(outcomes.sort()).toEqual([
    ['command', 2, 'failed', 'the command ended with exit code 3: broken'],
    ['command', 3, 'failed', 'the command ended with exit code 3: broken'],
    ['webhook', 2, 'sent', null],
    ['webhook', 3, 'failed', 'the webhook answered 500'],
  ]);
  expect(log).toHaveLength(3);
});

test('a command is told of with its last words, and what it leaves behind keeps nobody waiting', async () => {
  const [channel] = channelsFrom({
    PATH: process.env.PATH,
    YOKEFLOW_NOTIFY_COMMAND: 'sleep 20 & echo last words >&2; exit 3',
  }).channels;
  const pipes = () => process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length;
  const before = pipes();
  const started = Date.now();
  const notification = { id: 'a', event: 'attention_needed' } as Notification;
  expect(await channel!.deliver(notification, new AbortController().signal)).toEqual({
    kind: 'failed',
    reason: 'the command ended with exit code 3: last words',
  });
  expect(Date.now() - started).toBeLessThan(10_000);
  // Those of an earlier command may still have been closing when they were counted.
  expect(await waitUntil(async () => pipes() <= before, 10_000)).toBe(true);
});

test('a webhook may have a login in its address, which is told to nobody else', async () => {
  const [channel] = channelsFrom({
    YOKEFLOW_NOTIFY_WEBHOOK: webhook.replace('//', '//ada:p%40ss%@'),
  }).channels;
  const notification = { id: 'a', event: 'attention_needed' } as Notification;
  expect(await channel!.deliver(notification, new AbortController().signal)).toEqual({ kind: 'sent' });
  expect(received[0]!.headers.authorization).toBe(`Basic ${Buffer.from('ada:p@ss%').toString('base64')}`);
});

test('a worker that stops just as it takes an event sends nothing', async () => {
  const sessionId = await givenSession();
  await appendEvent(fixture.db, { sessionId, type: 'attention_needed', data: {} });
  const deliver = jest.fn();
  let stopped: Promise<void> | undefined;
  const db: Queryable = {
    ...fixture.db,
    async query(statement, values) {
      const result = await fixture.db.query<never>(statement, values);
      if (typeof statement === 'string' && statement.includes('claimed as')) stopped ??= worker.stop();
      return result;
    },
  };
  const worker = startNotifier({
    ...{ db, channels: [{ name: 'webhook', deliver }], redact: (text) => text, log: () => undefined },
    lookMs: 20,
  });
  expect(await waitUntil(async () => stopped !== undefined, 30_000)).toBe(true);
  await stopped;
  expect(await listNotifications(fixture.db)).toEqual([]);
  expect(deliver).not.toHaveBeenCalled();
});

test('the connection is lost as an event is taken, then as it is noted that it was told of: it is told once', async () => {
  const sessionId = await givenSession();
  const lost = ['claimed as', `set status = $4`];
  const db: Queryable = {
    ...fixture.db,
    async query(statement, values) {
      const result = await fixture.db.query<never>(statement, values);
      if (typeof statement !== 'string' || !lost[0] || !statement.includes(lost[0])) return result;
      lost.shift();
      throw new DatabaseUnavailable('the connection was cut before the answer came');
    },
  };
  await appendEvent(fixture.db, { sessionId, type: 'attention_needed', data: { reason: 'first' } });
  await appendEvent(fixture.db, { sessionId, type: 'attention_needed', data: { reason: 'second' } });
  const { channels } = channelsFrom({ YOKEFLOW_NOTIFY_WEBHOOK: webhook });
  const redact = (text: string) => text;
  const worker = startNotifier({ db, channels, redact, log: () => undefined, lookMs: 20 });
  expect(await waitUntil(async () => received.length === 2, 30_000)).toBe(true);
  await delay(200);
  await worker.stop();
  expect(lost).toEqual([]);
  expect(received.map(({ body }) => body.text)).toEqual([
    expect.stringMatching(/first$/),
    expect.stringMatching(/second$/),
  ]);
});

test('a note needs nobody', async () => {
  const sessionId = await givenSession();
  const worker = notifier({ YOKEFLOW_NOTIFY_WEBHOOK: webhook });
  await noteFor(fixture.db, { sessionId, task: 1, note: 'T1 is done again' });
  expect(await settled(1)).toBe(true);
  await worker.stop();
  const { project, text } = received[0]!.body;
  expect(text).toBe(`${project}: T1 is done again`);
});

test('what a command says as it fails may hold what PostgreSQL does not store', async () => {
  const sessionId = await givenSession();
  const worker = notifier({ YOKEFLOW_NOTIFY_COMMAND: "printf 'bro\\0ken' >&2; exit 3" });
  await appendEvent(fixture.db, { sessionId, type: 'attention_needed', data: {} });
  expect(await settled(1)).toBe(true);
  await worker.stop();
  expect(await listNotifications(fixture.db)).toMatchObject([
    { status: 'failed', reason: 'the command ended with exit code 3: bro\ufffdken' },
  ]);
});

test('what was sent is listed by when it happened, the latest first, whenever it was sent', async () => {
  const sessionId = await givenSession({});
  await appendEvent(fixture.db, { sessionId, type: 'attention_needed', data: {} });
  await appendEvent(fixture.db, { sessionId, type: 'attention_needed', data: {} });
  for (const channel of ['command', 'command', 'webhook', 'webhook'] as const)
    await claimNotification(fixture.db, channel);
  const sent = await listNotifications(fixture.db);
  expect(sent.map(({ channel, seq }) => [channel, seq])).toEqual([
    ['command', 3],
    ['webhook', 3],
    ['command', 2],
    ['webhook', 2],
  ]);
});

test('of two workers that take the same event at the same moment, one has it', async () => {
  const sessionId = await givenSession();
  await appendEvent(fixture.db, { sessionId, type: 'attention_needed', data: {} });
  let other: ReturnType<typeof claimNotification> | undefined;
  await fixture.db.transaction(async (tx) => {
    expect(await claimNotification(tx, 'command')).toMatchObject({ sessionId });
    other = claimNotification(fixture.db, 'command');
    await Promise.race([other, delay(200)]);
  });
  expect(await other).toBeNull();
});

test('a worker that stops before it could send leaves the event to its successor', async () => {
  const sessionId = await givenSession();
  answers = Array<number>(1000).fill(503);
  const { channels } = channelsFrom({ YOKEFLOW_NOTIFY_WEBHOOK: webhook });
  const first = startNotifier({
    ...{ db: fixture.db, channels, redact: (text: string) => text, log: () => undefined },
    ...{ lookMs: 20, retryMs: [60_000] },
  });
  await appendEvent(fixture.db, { sessionId, type: 'attention_needed', data: {} });
  expect(await waitUntil(async () => received.length === 1, 30_000)).toBe(true);
  await first.stop();
  expect(await listNotifications(fixture.db)).toEqual([]);
  answers = [];
  const second = notifier({ YOKEFLOW_NOTIFY_WEBHOOK: webhook });
  expect(await settled(1)).toBe(true);
  await second.stop();
  expect(received).toHaveLength(2);
});

test('notify test sends an example, or says what to set', async () => {
  const asked = await cli(['notify', 'test']);
  expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('set YOKEFLOW_NOTIFY_COMMAND') });
  const wrong = await cli(['notify', 'test'], undefined, '/', { YOKEFLOW_NOTIFY_WEBHOOK: 'ftp://x' });
  expect(wrong).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('YOKEFLOW_NOTIFY_WEBHOOK must be'),
  });
  const sent = await cli(['notify', 'test'], undefined, '/', { YOKEFLOW_NOTIFY_WEBHOOK: webhook });
  expect(sent).toMatchObject({ code: 0, stdout: 'webhook: sent' });
  expect(received[0]!.body.text).toBe('example needs you: epic 2: this is only a test');
});
