import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentOutcome, AgentRequest, Transcript, TranscriptEntry } from '../../../agents/contract/agent';
import { createClaudeAgent } from '../../../agents/claude/claude-agent';
import type { ClaudeOptions } from '../../../agents/claude/options';
import {
  startAnthropic,
  type AnthropicMock,
  type AnthropicScript,
  type Reply,
} from '../../support/anthropic-mock';
import { turnOf, type AnthropicRequest } from '../../support/anthropic-request';

export interface MemoryTranscript extends Transcript {
  entries: TranscriptEntry[];
  costNano(): number;
  of(kind: TranscriptEntry['kind']): TranscriptEntry[];
}

/** As the real one: append-only, each key once, and what is loaded went through PostgreSQL's JSON. */
export function memoryTranscript(): MemoryTranscript {
  const entries: TranscriptEntry[] = [];
  const keyOf = ({ n, kind, toolUseId = '' }: TranscriptEntry) => `${n} ${kind} ${toolUseId}`;
  return {
    entries,
    costNano: () => entries.reduce((sum, { costNano }) => sum + (costNano ?? 0), 0),
    of: (kind) => entries.filter((entry) => entry.kind === kind),
    load: async () =>
      (stored(entries) as TranscriptEntry[]).map(({ n, kind, toolUseId, payload }) => ({
        n,
        kind,
        payload,
        ...(toolUseId ? { toolUseId } : {}),
      })),
    async record(entry) {
      if (!entries.some((known) => keyOf(known) === keyOf(entry))) entries.push(entry);
    },
  };
}

/** As `jsonb` keeps it: names in another order, shorter ones first. */
function stored(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stored);
  if (typeof value !== 'object' || value === null) return value;
  const known = Object.entries(value).filter(([, each]) => each !== undefined);
  known.sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
  return Object.fromEntries(known.map(([name, each]) => [name, stored(each)]));
}

export interface World {
  mock: AnthropicMock;
  directory: string;
  transcript: MemoryTranscript;
  activity: string[];
  run: (changes?: Partial<AgentRequest>, options?: Partial<ClaudeOptions>) => Promise<AgentOutcome>;
}

/** A model that follows the script, an empty worktree and a transcript; gone when the test file is done with it. */
export async function withClaude<T>(script: AnthropicScript, test: (world: World) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'yokeflow-claude-'));
  const mock = await startAnthropic(script);
  try {
    const transcript = memoryTranscript();
    const activity: string[] = [];
    const request = requestFor(directory, transcript, activity);
    const result = await test({
      mock,
      directory,
      transcript,
      activity,
      run: (changes = {}, options = {}) =>
        createClaudeAgent({ apiKey: mock.apiKey, baseUrl: mock.baseUrl, ...options }).run({
          ...request,
          ...purseOf(changes.budget ?? request.budget, transcript),
          ...changes,
        }),
    });
    expect(mock.broken).toEqual([]);
    return result;
  } finally {
    await mock.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Grants what the budget allows, without anybody beside. */
const purseOf = (
  budget: AgentRequest['budget'],
  transcript: MemoryTranscript,
): Pick<AgentRequest, 'reserve' | 'release'> => ({
  async reserve({ leastNano, mostNano }) {
    const { remainingNano, scope } = await budget();
    const nothing = { interruptedNano: 0 };
    if (remainingNano === null) return { kind: 'granted', nano: mostNano, ...nothing };
    const uncertainNano = transcript.entries.reduce((sum, entry) => sum + (entry.uncertainNano ?? 0), 0);
    const left = remainingNano - uncertainNano;
    if (left >= leastNano) return { kind: 'granted', nano: Math.min(left, mostNano), ...nothing };
    return { kind: 'held', scope, remainingNano: left, uncertainNano, ...nothing };
  },
  release: async () => undefined,
});

const requestFor = (directory: string, transcript: Transcript, activity: string[]): AgentRequest => ({
  task: 1,
  action: 'do it',
  prompt: { system: 'You are a software engineer.', task: '# Task T1: do it' },
  directory,
  model: null,
  environment: { PATH: process.env.PATH! },
  timeoutMs: 30_000,
  spentMs: 0,
  signal: new AbortController().signal,
  transcript,
  budget: async () => ({ remainingNano: null, scope: 'session' }),
  ...purseOf(async () => ({ remainingNano: null, scope: 'session' }), memoryTranscript()),
  onProcess: async () => undefined,
  afterProcess: async () => undefined,
  keepOutput: async () => null,
  onActivity: (line) => void activity.push(line),
});

/** One reply for each turn. */
export const turns =
  (...replies: Reply[]) =>
  (request: AnthropicRequest): Reply =>
    replies[turnOf(request)]!;

export const bash = (command: string, more: Record<string, unknown> = {}) => ({
  name: 'bash',
  input: { command, ...more },
});
