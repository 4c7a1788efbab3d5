import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentRequest, Budget, TranscriptEntry } from '../../../agents/contract/agent';

/** What the fake program does, step by step. */
export type Step =
  /** A line of JSONL. */
  | { emit: unknown }
  /** Text as it is, on stdout. */
  | { raw: string }
  | { stderr: string }
  /** Starts a shell command in a session of its own and does not wait for it. */
  | { detach: string }
  /** A shell command in the working directory. */
  | { run: string }
  | { sleepMs: number }
  | { exit: number }
  | { die: NodeJS.Signals };

export interface Call {
  args: string[];
  env: Record<string, string>;
  input: string;
  cwd: string;
}

/** Runs the steps of its n-th call, and keeps what it was called with. */
const PROGRAM = `#!/usr/bin/env node
const { execSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const folder = __dirname;
const input = fs.readFileSync(0, 'utf8');
const file = folder + '/calls.jsonl';
const earlier = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\\n').length - 1 : 0;
const call = { args: process.argv.slice(2), env: process.env, input, cwd: process.cwd() };
fs.appendFileSync(file, JSON.stringify(call) + '\\n');
const runs = JSON.parse(fs.readFileSync(folder + '/runs.json', 'utf8'));
const write = (fd, text) => {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try { at += fs.writeSync(fd, bytes, at); } catch (error) { if (error.code !== 'EAGAIN') throw error; }
  }
};
(async () => {
  for (const step of runs[Math.min(earlier, runs.length - 1)]) {
    if ('emit' in step) write(1, JSON.stringify(step.emit) + '\\n');
    if ('raw' in step) write(1, step.raw);
    if ('stderr' in step) write(2, step.stderr);
    if ('detach' in step) spawn('/bin/sh', ['-c', step.detach], { detached: true, stdio: 'ignore' }).unref();
    if ('run' in step) execSync(step.run);
    if ('sleepMs' in step) await new Promise((resolve) => setTimeout(resolve, step.sleepMs));
    if ('exit' in step) process.exit(step.exit);
    if ('die' in step) { process.kill(process.pid, step.die); await new Promise(() => setInterval(() => {}, 1000)); }
  }
})();
`;

export interface FakeCli {
  folder: string;
  directory: string;
  state: string;
  environment: Record<string, string>;
  plan(...runs: Step[][]): Promise<void>;
  calls(): Promise<Call[]>;
  remove(): Promise<void>;
}

/** A program of that name in a folder of its own, first on the PATH of `environment`. */
export async function fakeCli(name: string): Promise<FakeCli> {
  const folder = await mkdtemp(join(tmpdir(), 'yokeflow-fake-cli-'));
  const directory = await mkdtemp(join(tmpdir(), 'yokeflow-fake-work-'));
  await writeFile(join(folder, name), PROGRAM);
  await chmod(join(folder, name), 0o755);
  return {
    folder,
    directory,
    state: join(folder, 'state'),
    environment: { PATH: `${folder}:${process.env.PATH}`, HOME: folder },
    plan: (...runs) => writeFile(join(folder, 'runs.json'), JSON.stringify(runs)),
    async calls() {
      const text = await readFile(join(folder, 'calls.jsonl'), 'utf8').catch(() => '');
      return text.split('\n').flatMap((line) => (line ? [JSON.parse(line) as Call] : []));
    },
    async remove() {
      await rm(folder, { recursive: true, force: true });
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export interface Recording {
  entries: TranscriptEntry[];
  lines: string[];
  request: AgentRequest;
  /** The sum of what was charged. */
  costNano: () => number;
}

const keyOf = ({ n, kind, toolUseId = '' }: TranscriptEntry) => `${n} ${kind} ${toolUseId}`;

/** A request with a transcript in memory that keeps the first of two equal entries, as the real one does. */
export function recordedRequest(
  { directory, environment }: Pick<FakeCli, 'directory' | 'environment'>,
  changes: Partial<AgentRequest> = {},
  entries: TranscriptEntry[] = [],
): Recording {
  const lines: string[] = [];
  const request: AgentRequest = {
    task: 7,
    action: 'do it',
    prompt: { system: 'SYSTEM', task: 'TASK' },
    directory,
    model: 'claude-sonnet-5-5',
    environment,
    timeoutMs: 20_000,
    spentMs: 0,
    signal: new AbortController().signal,
    transcript: {
      load: async () => [...entries],
      async record(entry) {
        if (!entries.some((known) => keyOf(known) === keyOf(entry))) entries.push(entry);
      },
    },
    budget: async (): Promise<Budget> => ({ remainingNano: null, scope: 'session' }),
    reserve: async ({ mostNano }) => ({ kind: 'granted', nano: mostNano, interruptedNano: 0 }),
    release: async () => undefined,
    onProcess: async () => undefined,
    afterProcess: async () => undefined,
    keepOutput: async () => null,
    onActivity: (line) => lines.push(line),
    ...changes,
  };
  const costNano = () => entries.reduce((sum, entry) => sum + (entry.costNano ?? 0), 0);
  return { entries, lines, request, costNano };
}
