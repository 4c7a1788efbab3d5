import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agent } from '../contract/agent';
import { createCliAgent, endWithoutResult, type CliRun, type RunEnd } from '../cli/agent';
import { requireProgram } from '../cli/program';
import { GO_ON, startAgain, wholePrompt } from '../cli/prompts';
import { USUAL_SILENCE } from '../cli/silence';
import { runCommand } from '../process/command-runner';
import { environmentFor, flagsFor } from './invocation';
import { listen } from './listen';
import type { ClaudeCodeOptions } from './options';
import { writeMcpConfig } from './plan-tools';
import { chargeUnpriced } from './recorder';

/**
 * The Claude Code CLI, headless. It gets a key or a token only when one is given, and otherwise uses the login of the
 * worker's user. **Its bash tool sees that key**, since the CLI hands its own environment to the commands that the
 * model runs: give it a key of its own, with a spending limit.
 *
 * Its own budget check comes after the spending, so that a task may exceed its budget by one turn.
 */
export function createClaudeCodeAgent(options: ClaudeCodeOptions): Agent {
  return createCliAgent({
    name: 'claude-code',
    redact: options.redact ?? ((text) => text),
    floorNano: options.floorNano,
    run: (run) => runOnce(options, run),
    discard: async ({ request, log }) => {
      const folder = folderOf(options, request.task, log.session() ?? 'none');
      await rm(folder, { recursive: true, force: true });
    },
  });
}

/** @throws AgentError `AgentUnavailable` when the CLI is not installed. */
export const requireClaudeCode = (
  { program = 'claude' }: Pick<ClaudeCodeOptions, 'program'>,
  environment: Record<string, string | undefined>,
): Promise<string> =>
  requireProgram(
    { agent: 'claude-code', program, install: 'npm install -g @anthropic-ai/claude-code' },
    environment,
  );

const folderOf = ({ stateDirectory }: ClaudeCodeOptions, task: number, session: string): string =>
  join(stateDirectory, `${task}-${session}`);

async function runOnce(options: ClaudeCodeOptions, run: CliRun): Promise<RunEnd> {
  const { request, log } = run;
  const command = await requireClaudeCode(options, request.environment);
  await chargeUnpriced(log);
  const { session, resuming, input } = await conversationFor(run);
  const folder = folderOf(options, request.task, session);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const mcpConfig = await mcpConfigFor(options, request, folder);
  const ear = listen(run, options.silence ?? USUAL_SILENCE);
  const result = await runCommand({
    ...request,
    command,
    arguments: flagsFor({ session, resuming, model: request.model, budget: run.budget, mcpConfig }),
    environment: environmentFor(options, request.environment, { folder, timeoutMs: request.timeoutMs }),
    input,
    timeoutMs: run.timeoutMs,
    // It goes on working after SIGTERM, for two more model calls.
    graceMs: 0,
    signal: AbortSignal.any([request.signal, ear.signal]),
    onStdoutLine: (line) => ear.hear(line),
  }).finally(() => ear.close());
  await chargeUnpriced(log);
  const end = ear.end();
  if (end instanceof Error) throw end;
  if (end) return end;
  return endWithoutResult('Claude Code', run, result);
}

async function mcpConfigFor(
  { planTools }: ClaudeCodeOptions,
  { environment }: CliRun['request'],
  folder: string,
): Promise<string | null> {
  const project = environment.YOKEFLOW_PROJECT;
  return planTools && project ? writeMcpConfig(planTools, { folder, project }) : null;
}

/** The id is on record before the CLI starts, so that a run which a crash cuts off at any point can be resumed. */
async function conversationFor({ request, log }: CliRun) {
  const known = log.session();
  if (known) return { session: known, resuming: true, input: GO_ON };
  const lost = log.entries.some(({ kind }) => kind === 'session');
  const session = randomUUID();
  const input = lost ? startAgain(request.prompt) : wholePrompt(request.prompt);
  await log.recordSession(session);
  await log.record({ kind: 'prompt', toolUseId: session, payload: input });
  return { session, resuming: false, input };
}
