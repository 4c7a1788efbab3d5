import { randomUUID } from 'node:crypto';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { priceOf } from '../../domain/cost/pricing';
import { NO_TOKENS } from '../../domain/cost/token-usage';
import type { Agent, AgentRequest } from '../contract/agent';
import { noPrice } from '../contract/no-price';
import type { CliLog } from '../cli/log';
import { createCliAgent, endWithoutResult, type CliRun, type RunEnd } from '../cli/agent';
import { requireProgram } from '../cli/program';
import { GO_ON, startAgain, wholePrompt } from '../cli/prompts';
import { runCommand } from '../process/command-runner';
import { environmentFor, flagsFor } from './invocation';
import { listen } from './listen';
import type { CodexOptions } from './options';
import { recordUnknownCost } from './usage';
import { isUnknownThread } from './verdict';

/**
 * The Codex CLI, headless. It gets a key only when `apiKey` is given, and otherwise uses the login of the worker's
 * user; what the model runs sees that key. It has no budget of its own and tells usage only at the end of a run:
 * a budget decides whether a run starts, and is not checked in it. Under one a model without a price does not run. A run that
 * ends without telling its usage is recorded as one whose cost is unknown: nobody knows whether the next one, which would tell
 * it, ever starts.
 */
export function createCodexAgent(options: CodexOptions): Agent {
  return createCliAgent({
    name: 'codex',
    redact: options.redact ?? ((text) => text),
    floorNano: options.floorNano,
    run: (run) => runOnce(options, run),
    discard: ({ request, log }) =>
      rm(folderOf(options, request, homeOf(log) ?? 'none'), { recursive: true, force: true }),
  });
}

/** @throws AgentError `AgentUnavailable` when the CLI is not installed. */
export const requireCodex = (
  { program = 'codex' }: Pick<CodexOptions, 'program'>,
  environment: Record<string, string | undefined>,
): Promise<string> =>
  requireProgram({ agent: 'codex', program, install: 'npm install -g @openai/codex' }, environment);

async function runOnce(options: CodexOptions, run: CliRun): Promise<RunEnd> {
  const { request, log } = run;
  const command = await requireCodex(options, request.environment);
  const unpriced = unpricedUnderBudget(options, run);
  if (unpriced) return unpriced;
  const thread = log.session();
  const { home, input } = await conversationFor(run);
  const folder = folderOf(options, request, home);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const ear = listen(options, run);
  const result = await runCommand({
    ...request,
    command,
    arguments: flagsFor(options, {
      thread,
      model: request.model,
      directory: await realpath(request.directory),
    }),
    environment: environmentFor(options, request.environment, folder),
    input,
    timeoutMs: run.timeoutMs,
    graceMs: 0,
    signal: AbortSignal.any([request.signal, ear.signal]),
    onStdoutLine: (line) => ear.hear(line),
  }).finally(() => ear.close());
  await recordUnknownCost(log, request.model);
  const end = ear.end();
  if (end instanceof Error) throw end;
  const { output } = result;
  if (!end && thread && isUnknownThread(output)) return { kind: 'lost', reason: output.trim(), output };
  return end ?? endWithoutResult('Codex', run, result);
}

/** What it costs would never count: of a budget of $5 it could spend hundreds. */
function unpricedUnderBudget({ price = priceOf }: CodexOptions, { request, budget }: CliRun): RunEnd | null {
  const { model, task } = request;
  const priced = model !== null && price(model, NO_TOKENS) !== null;
  if (priced || budget.remainingNano === null) return null;
  return { kind: 'held', why: 'budget', reason: noPrice(model, task, budget.scope) };
}

const folderOf = ({ stateDirectory }: CodexOptions, { task }: AgentRequest, home: string): string =>
  join(stateDirectory, `${task}-${home}`);

/** The CLI names a conversation only after it started, so that its folder has a name of ours, recorded before. */
const homeOf = ({ entries }: CliLog): string | undefined =>
  entries.find(({ kind }) => kind === 'prompt')?.toolUseId;

async function conversationFor({ request, log }: CliRun): Promise<{ home: string; input: string }> {
  const known = homeOf(log);
  if (known && log.session()) return { home: known, input: GO_ON };
  if (known) return { home: known, input: startAgain(request.prompt) };
  const home = randomUUID();
  const input = wholePrompt(request.prompt);
  await log.record({ kind: 'prompt', toolUseId: home, payload: input });
  return { home, input };
}
