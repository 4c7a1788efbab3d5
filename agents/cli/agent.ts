import { usdFromNano } from '../../domain/cost/money';
import type { AgentName } from '../../domain/model';
import type { Agent, AgentOutcome, AgentRequest, Budget } from '../contract/agent';
import { AgentError, needsPerson } from '../contract/agent-error';
import { awakeStopwatch } from '../process/awake';
import type { CommandResult } from '../process/command-runner';
import { redactValue } from '../contract/redact';
import { failureOf } from '../process/shell';
import { withLimitEnd } from './limit';
import { hasBegun, openLog, settledOutcome, type CliLog } from './log';

/** One run of a CLI. */
export interface CliRun {
  request: AgentRequest;
  log: CliLog;
  budget: Budget;
  timeoutMs: number;
  redact: (text: string) => string;
}

export type RunEnd =
  | AgentOutcome
  /** The conversation that it was to go on with is not there. */
  | { kind: 'lost'; reason: string; output: string }
  /** It ended without saying how it went. */
  | { kind: 'died'; reason: string; output: string };

export interface Cli {
  name: AgentName;
  redact: (text: string) => string;
  /** Nano-dollars below which no run starts: it would be over before its first tool call. Default: 2 cents. */
  floorNano?: number;
  run: (run: CliRun) => Promise<RunEnd>;
  /** Removes the conversation, which nobody goes on with. */
  discard: (run: Pick<CliRun, 'request' | 'log'>) => Promise<void>;
}

const DEFAULT_FLOOR_NANO = 20_000_000;

/** How often a CLI that dies is started again, before the try counts as failed. */
const MAX_DEATHS = 3;

/** Who follows one run of a CLI, line by line. */
export interface Listener {
  /** Aborts when the run is to be stopped. */
  signal: AbortSignal;
  /** What is known of the end; null while nothing is. */
  end(): RunEnd | AgentError | null;
  hear(line: string): Promise<void>;
  /** Nobody speaks any more. */
  close(): void;
}

/** An agent that is a CLI with conversations of its own: started, listened to, and resumed by session id. */
export const createCliAgent = (cli: Cli): Agent => ({
  name: cli.name,
  resumes: true,
  async run(given) {
    const request = { ...given, onActivity: (line: string) => given.onActivity(cli.redact(line)) };
    const log = await openLog(request, cli.redact);
    const end = settledOutcome(log) ?? (await toItsEnd(cli, request, log).catch(throwRedacted(cli)));
    const outcome = await withLimitEnd(log, end);
    if (outcome.kind !== 'held' && !request.signal.aborted) await cli.discard({ request, log });
    return redactValue(outcome, cli.redact) as AgentOutcome;
  },
});

/** Messages of an AgentError quote the CLI, and travel through Temporal. */
const throwRedacted =
  ({ redact }: Cli) =>
  (error: unknown): never => {
    if (!(error instanceof AgentError)) throw error;
    throw new AgentError(error.type, redact(error.message), { retryAfterMs: error.retryAfterMs });
  };

async function toItsEnd(cli: Cli, request: AgentRequest, log: CliLog): Promise<AgentOutcome> {
  try {
    return await converse(cli, request, log);
  } catch (error) {
    if (!needsPerson(error)) throw error;
    // A session ends with that at once; a conversation that has begun is worth waiting for a person.
    if (hasBegun(log)) return { kind: 'held', why: 'account', reason: error.message };
    throw new AgentError(error.type, `${error.message}, then run again`);
  }
}

async function converse(cli: Cli, request: AgentRequest, log: CliLog): Promise<AgentOutcome> {
  const watch = awakeStopwatch();
  try {
    for (let deaths = 1; ;) {
      const budget = await request.budget();
      const held = heldFor(budget, cli.floorNano ?? DEFAULT_FLOOR_NANO);
      if (held) return held;
      const leftMs = request.timeoutMs - request.spentMs - watch.ms();
      const { redact } = cli;
      const end = await cli.run({ request, log, budget, timeoutMs: Math.max(Math.ceil(leftMs), 1), redact });
      if (end.kind !== 'lost' && end.kind !== 'died') return end;
      if (end.kind === 'lost') log.forgetSession();
      if (deaths++ === MAX_DEATHS) return { kind: 'failed', reason: end.reason, output: end.output };
    }
  } finally {
    watch.stop();
  }
}

/** What a CLI says when its own conversation is to end here, because there is no money left for another turn. */
export function heldFor({ remainingNano, scope }: Budget, floorNano: number): AgentOutcome | null {
  if (remainingNano === null || remainingNano >= floorNano) return null;
  return { kind: 'held', why: 'budget', reason: budgetReason({ remainingNano, scope }) };
}

const budgetReason = ({ remainingNano, scope }: Budget) =>
  `the ${scope}'s budget has $${usdFromNano(remainingNano ?? 0).toFixed(4)} left, too little for another turn`;

/** What CLIs say of an option that they do not have: all of them are older than it. */
const UNKNOWN_OPTION = /^error: (?:unexpected argument|unknown option) '(--[\w-]+)/m;

/**
 * How a run ended in which the CLI was cut off before it could say so itself.
 *
 * @throws AgentError `AgentUnavailable` when it is too old: no task could be done with it.
 */
export function endWithoutResult(what: string, { request, redact }: CliRun, result: CommandResult): RunEnd {
  const option = UNKNOWN_OPTION.exec(result.output)?.[1];
  if (result.endedBy === 'exit' && option)
    throw new AgentError(
      'AgentUnavailable',
      `the ${what} that is installed does not know the option ${option}: update it`,
    );
  const { timeoutMs } = request;
  const reason = failureOf(what, result, { timeoutMs, redact }) || `${what} ended without a result`;
  const kind = result.endedBy === 'timeout' || request.signal.aborted ? 'failed' : 'died';
  return { kind, reason, output: result.output };
}
