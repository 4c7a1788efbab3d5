import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Fault, FaultPlan } from './anthropic-faults';
import { taskOf, turnOf, type AnthropicRequest } from './anthropic-request';
import { brokenRule, issuedFor, unboundThinking, type Issued } from './anthropic-rules';
import { contentIn, eventsIn, sendStream, withStopDetails, withUsage } from './anthropic-stream';
import type { ApiUsage } from './anthropic-usage';

/** One request as it arrived, and what came of it. */
export interface JournalEntry {
  call: number;
  /** When it came in, in milliseconds since 1970. */
  at: number;
  request: AnthropicRequest;
  /** The body, byte for byte. */
  raw: string;
  task: string;
  /** How many responses the conversation held before. */
  turn: number;
  status: number;
  /** The whole response went out to a client that was there to the end. */
  completed: boolean;
  /** It has gone silent in the middle, as planned. */
  stalled: boolean;
}

export interface ProxyOptions {
  apiKey: string;
  faults: FaultPlan;
  /** Has the mock behind it answer, with server-sent events. */
  answer: (request: AnthropicRequest) => Promise<{ sse: string; usage: ApiUsage; stopDetails?: object }>;
}

/**
 * Stands before the mock and is as strict as the API: whoever breaks a rule gets a 400, and is in `broken`. Thinking that is
 * bound to something else gets a 400, too, but breaks no rule: nobody can know beforehand which models mind.
 */
export async function startProxy(options: ProxyOptions) {
  const state = { journal: [] as JournalEntry[], broken: [] as string[], issued: [] as Issued[] };
  const server = createServer((request, response) => {
    response.on('error', () => undefined);
    serve(options, state, request, response).catch((error: Error) => {
      state.broken.push(error.message);
      refuse(response, { kind: 'status', status: 400, message: error.message });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    ...state,
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type State = { journal: JournalEntry[]; broken: string[]; issued: Issued[] };

async function serve(
  { apiKey, faults, answer }: ProxyOptions,
  { journal, broken, issued }: State,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const raw = await bodyOf(incoming);
  const request = JSON.parse(raw) as AnthropicRequest;
  const call = journal.length + 1;
  const entry = {
    call,
    request,
    raw,
    task: taskOf(request),
    turn: turnOf(request),
    status: 200,
    completed: false,
    stalled: false,
    at: Date.now(),
  };
  journal.push(entry);
  const rule = brokenRule(request, issued);
  if (rule) broken.push(rule);
  const refusal = rule ?? unboundThinking(request, issued);
  const fault = planned(refusal, !knows(incoming, apiKey), faults(call));
  if (fault?.kind === 'status') {
    entry.status = fault.status;
    return refuse(response, fault);
  }
  if (fault?.kind === 'html') {
    response.writeHead(fault.status ?? 200, { 'content-type': 'text/html' });
    return void response.end('<html>maintenance</html>');
  }
  if (fault?.kind === 'json') {
    response.writeHead(200, { 'content-type': 'application/json' });
    return void response.end('{"type":"message"}');
  }
  const { sse, usage, stopDetails } = await answer(request);
  const events = eventsIn(sse).map((event) => withStopDetails(withUsage(event, usage), stopDetails));
  const stop = events.find(({ type }) => type === 'message_delta')?.delta as { stop_reason: string };
  issued.push(issuedFor(request, contentIn(events), stop.stop_reason));
  entry.completed = await sendStream(response, events, fault, () => (entry.stalled = true));
}

function planned(refusal: string | null, wrongKey: boolean, fault: Fault | null): Fault | null {
  if (wrongKey)
    return { kind: 'status', status: 401, type: 'authentication_error', message: 'invalid x-api-key' };
  return refusal ? { kind: 'status', status: 400, type: 'invalid_request_error', message: refusal } : fault;
}

/** Clients differ in the header that they use for the key. */
const knows = ({ headers }: IncomingMessage, apiKey: string) =>
  headers['x-api-key'] === apiKey || headers.authorization === `Bearer ${apiKey}`;

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

const TYPE_OF_STATUS: Record<number, string> = {
  400: 'invalid_request_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

function refuse(response: ServerResponse, fault: Extract<Fault, { kind: 'status' }>): void {
  if (response.headersSent) return void response.destroy();
  const { status, retryAfter, message = 'planned', code } = fault;
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  const type = fault.type ?? TYPE_OF_STATUS[status] ?? 'api_error';
  const details = code ? { details: { error_code: code } } : {};
  response.end(JSON.stringify({ type: 'error', error: { type, message, ...details } }));
}
