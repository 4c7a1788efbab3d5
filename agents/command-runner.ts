import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { ProcessIdentity } from './agent';
import { createOutputTail } from './output-tail';
import { killGroup, startTimeOf } from './process-identity';

export interface CommandRequest {
  command: string;
  arguments: string[];
  directory: string;
  environment: Record<string, string>;
  timeoutMs: number;
  signal: AbortSignal;
  onProcess(process: ProcessIdentity): Promise<void>;
  afterProcess?(process: ProcessIdentity): Promise<void>;
  onLine?(line: string): void;
}

export interface CommandResult {
  exitCode: number | null;
  endedBy: 'exit' | 'timeout' | 'abort' | NodeJS.Signals;
  output: string;
}

/** How long a group may take to end by itself after SIGTERM. */
const TERM_GRACE_MS = 2_000;

/**
 * The shell waits for a word on descriptor 3 before it becomes the command. The word comes once the group is on
 * record; if this process dies first, the pipe closes and the command never starts. So nothing ever runs that a
 * successor would not know of.
 */
const GATE = 'read -r go <&3 || exit 125; exec 3<&-; exec "$@"';

/**
 * Runs a command in a process group of its own, and leaves nothing of the group behind when it returns.
 *
 * @throws what `onProcess` throws, and an error of `spawn` itself (the directory is gone, no /bin/sh).
 */
export async function runCommand(request: CommandRequest): Promise<CommandResult> {
  const child = spawn('/bin/sh', ['-c', GATE, 'sh', request.command, ...request.arguments], {
    cwd: request.directory,
    env: request.environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  await once(child, 'spawn');
  const pgid = child.pid!;
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const output = collect(child, request.onLine);
  const watch = watchForEnd(pgid, request);
  const identity = { pgid, startTime: await startTimeOf(pgid) };
  try {
    await openGate(child, identity, request);
    const [exitCode, signal] = await exited;
    return { exitCode, endedBy: watch.endedBy() ?? signal ?? 'exit', output: await output };
  } finally {
    watch.stop();
    // What the command started in the background is part of the work, and ends with it.
    killGroup(pgid, 'SIGKILL');
    await request.afterProcess?.(identity);
  }
}

async function openGate(
  child: ChildProcess,
  identity: ProcessIdentity,
  request: CommandRequest,
): Promise<void> {
  const gate = child.stdio[3] as Writable;
  gate.on('error', () => undefined);
  if (!request.signal.aborted) await request.onProcess(identity);
  gate.end(request.signal.aborted ? '' : 'go\n');
}

/** Resolves with the output soon after the command exits, also when a background child keeps the pipe open. */
async function collect(child: ChildProcess, onLine: ((line: string) => void) | undefined): Promise<string> {
  const tail = createOutputTail();
  for (const stream of [child.stdout!, child.stderr!]) {
    const decoder = new StringDecoder('utf8');
    stream.on('data', (chunk: Buffer) => {
      const text = decoder.write(chunk);
      tail.add(text);
      onLine?.(text.trimEnd().split('\n').at(-1) ?? '');
    });
  }
  const closed = once(child, 'close');
  await once(child, 'exit');
  killGroup(child.pid!, 'SIGKILL');
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
  child.stdout!.destroy();
  child.stderr!.destroy();
  return tail.text();
}

function watchForEnd(pgid: number, { signal, timeoutMs }: CommandRequest) {
  let endedBy: 'timeout' | 'abort' | null = null;
  let killer: NodeJS.Timeout | undefined;
  const end = (why: 'timeout' | 'abort') => {
    endedBy ??= why;
    killGroup(pgid, 'SIGTERM');
    killer ??= setTimeout(() => killGroup(pgid, 'SIGKILL'), TERM_GRACE_MS);
  };
  const abort = () => end('abort');
  const timer = setTimeout(() => end('timeout'), Math.min(timeoutMs, 2 ** 31 - 1));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  return {
    endedBy: () => endedBy,
    stop() {
      clearTimeout(timer);
      clearTimeout(killer);
      signal.removeEventListener('abort', abort);
    },
  };
}
