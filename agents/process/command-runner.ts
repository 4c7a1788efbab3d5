import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { identify, nameOf, type ProcessIdentity } from '../../processes/identity';
import { send } from '../../processes/signal';
import { endTree, MARK } from '../../processes/tree';
import { afterAwake } from './awake';
import { eachLine, follow } from './command-output';
import { createOutputTail } from './output-tail';
import { requireSandbox } from './sandbox';

export interface CommandRequest {
  command: string;
  arguments: string[];
  directory: string;
  environment: Record<string, string>;
  /** What it reads from its standard input; nothing when left out. */
  input?: string;
  timeoutMs: number;
  /** Milliseconds from SIGTERM to SIGKILL when it has to end early; 0 for SIGKILL at once. */
  graceMs?: number;
  signal: AbortSignal;
  /** Called with the leader of its group before it runs. */
  onProcess(leader: ProcessIdentity): Promise<void>;
  afterProcess?(leader: ProcessIdentity): Promise<void>;
  onLine?: (line: string) => void;
  /**
   * Each line of standard output, in order and one at a time; `output` is then standard error alone. What it throws
   * ends the command, and is thrown by `runCommand`.
   */
  onStdoutLine?: (line: string) => Promise<void>;
}

export interface CommandResult {
  exitCode: number | null;
  endedBy: 'exit' | 'timeout' | 'abort' | NodeJS.Signals;
  output: string;
  /** Everything that it printed, as far as memory allows; only where `output` had to leave something out. */
  whole?: string;
  /** Even `whole` had to leave something out. */
  wholeIsCut?: boolean;
}

const TERM_GRACE_MS = 2_000;
/** Characters of output that are kept for a file; of more, the beginning and the end. */
const MAX_WHOLE = 4_000_000;

/** How long what is still in the pipes may take to be read, once every process is gone. */
const DRAIN_MS = 60_000;

/** How long a command is waited for that was ended: what became another user (`sudo`) cannot be, and is left to itself. */
const LEFT_AFTER_MS = 5_000;

/**
 * The shell waits for a word on descriptor 3 before it becomes the command. The word, which becomes the mark of the
 * group, comes once the group is on record; if this process dies first, the pipe closes and the command never
 * starts. So nothing ever runs that a successor would not know of. SHLVL: bash as the outermost shell takes a socket
 * on its standard input, which Node's pipes are, for a remote login, and reads the user's .bashrc.
 */
const GATE = `read -r ${MARK} <&3 || exit 125; export ${MARK} SHLVL="\${SHLVL:-1}"; exec 3<&-; exec "$@"`;

/**
 * Runs a command in a process group of its own, and leaves nothing that it started behind when it returns.
 *
 * @throws what `onProcess` and `onStdoutLine` throw, an error of `spawn` itself (no directory, no /bin/sh), and AgentError
 *   where there is to be a sandbox that cannot be started.
 */
export async function runCommand(request: CommandRequest): Promise<CommandResult> {
  const sandbox = await requireSandbox(request.environment);
  const command = [...(sandbox ? [sandbox] : []), request.command, ...request.arguments];
  const child = spawn('/bin/sh', ['-c', GATE, 'sh', ...command], {
    cwd: request.directory,
    env: request.environment,
    detached: true,
    stdio: [request.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  await once(child, 'spawn');
  // Heard from the first moment: whoever kills it at once would be missed for ever.
  const exit = once(child, 'exit') as Promise<Exit>;
  const closed = once(child, 'close');
  const pid = child.pid!;
  const identity = (await identify(pid)) ?? { pid, startedAt: '' };
  const watch = watchForEnd(identity, request);
  const exited = Promise.race([exit, watch.left]);
  const output = collect({ child, exited, closed }, request, identity);
  try {
    await openGate(child, identity, request);
    const [exitCode, signal] = await exited;
    return { exitCode, endedBy: watch.endedBy() ?? signal ?? 'exit', ...(await output) };
  } catch (error) {
    // On any other way its end has been seen, and with it that of all it started: see `collect`.
    await endTree(identity);
    throw error;
  } finally {
    watch.stop();
    await request.afterProcess?.(identity);
  }
}

type Exit = [number | null, NodeJS.Signals | null];
/** It runs on. */
const LEFT: Exit = [null, null];

async function openGate(
  child: ChildProcess,
  identity: ProcessIdentity,
  request: CommandRequest,
): Promise<void> {
  const gate = child.stdio[3] as Writable;
  for (const pipe of [gate, child.stdin]) pipe?.on('error', () => undefined);
  child.stdin?.end(request.input);
  if (!request.signal.aborted) await request.onProcess(identity);
  gate.end(request.signal.aborted ? '' : `${nameOf(identity)}\n`);
}

/** Resolves with the output soon after the command exits: what it left in the background does not hold it up. */
function collect(
  { child, exited, closed }: { child: ChildProcess; exited: Promise<Exit>; closed: Promise<unknown> },
  request: CommandRequest,
  identity: ProcessIdentity,
): Promise<Pick<CommandResult, 'output' | 'whole' | 'wholeIsCut'>> {
  const { onLine, onStdoutLine } = request;
  const short = createOutputTail();
  const long = createOutputTail(MAX_WHOLE);
  const tail = { add: (chunk: string) => [short, long].forEach((one) => one.add(chunk)) };
  follow(child.stderr!, tail, onLine);
  if (!onStdoutLine) follow(child.stdout!, tail, onLine);
  const read = onStdoutLine ? eachLine(child.stdout!, onStdoutLine) : Promise.resolve();
  const stopped = read.catch(async (error: unknown) => {
    await endTree(identity);
    throw error;
  });
  const output = exited.then(async (exit) => {
    await endTree(identity);
    if (exit !== LEFT) await drained(Promise.all([closed, stopped]));
    child.stdout!.destroy();
    child.stderr!.destroy();
    const output = short.text();
    const whole = long.text();
    return short.isCut() ? { output, whole, wholeIsCut: long.isCut() } : { output };
  });
  // Whoever awaits it comes later, if at all.
  output.catch(() => undefined);
  stopped.catch(() => undefined);
  return output;
}

async function drained(all: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, DRAIN_MS);
  });
  await Promise.race([all, late]).finally(() => clearTimeout(timer));
}

function watchForEnd(identity: ProcessIdentity, request: CommandRequest) {
  const { signal, timeoutMs, graceMs = TERM_GRACE_MS } = request;
  let endedBy: 'timeout' | 'abort' | null = null;
  let killer: NodeJS.Timeout | undefined;
  let waiter: NodeJS.Timeout | undefined;
  let leave: (exit: Exit) => void;
  const left = new Promise<Exit>((resolve) => (leave = resolve));
  const kill = () => {
    waiter ??= setTimeout(() => leave(LEFT), LEFT_AFTER_MS);
    endTree(identity).catch(() => send(-identity.pid, 'SIGKILL'));
  };
  const end = (why: 'timeout' | 'abort') => {
    endedBy ??= why;
    if (graceMs === 0) return kill();
    send(-identity.pid, 'SIGTERM');
    killer ??= setTimeout(kill, graceMs);
  };
  const abort = () => end('abort');
  const stopTimer = afterAwake(timeoutMs, () => end('timeout'));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  return {
    endedBy: () => endedBy,
    left,
    stop() {
      stopTimer();
      clearTimeout(killer);
      clearTimeout(waiter);
      signal.removeEventListener('abort', abort);
    },
  };
}
