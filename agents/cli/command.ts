import type { Agent, AgentRequest } from '../contract/agent';
import { AgentError } from '../contract/agent-error';
import { wholePrompt } from './prompts';
import { runCommand, type CommandRequest } from '../process/command-runner';
import { outputWithFile } from '../process/long-output';
import { failureOf } from '../process/shell';
import { limitIn } from '../provider/reset-time';
import { withLimitEnd } from './limit';
import { openLog } from './log';
import { recordUnpriced } from './unpriced';

export interface CommandOptions {
  /** A shell command that reads the prompt from its standard input, such as `opencode run --auto`. */
  command: string;
  /** For it alone, on top of the environment of every agent: its key, for instance, which what it runs then sees. */
  environment?: Record<string, string>;
  redact?: (text: string) => string;
}

/** The variable that holds the command. */
const COMMAND_VARIABLE = 'YOKEFLOW_AGENT_COMMAND';

/** EX_TEMPFAIL of sysexits.h: the command cannot work now and will be able to later, as at a usage limit. */
const NOT_NOW = 75;

/**
 * Any coding agent with a command line: it works in the worktree, exit code 0 means done, and 75 holds the session. The
 * task's number and model are in `YOKEFLOW_TASK` and `YOKEFLOW_MODEL`. What it costs is not known, and recorded as such.
 */
export function createCommandAgent(options: CommandOptions): Agent {
  const redact = options.redact ?? ((text: string) => text);
  return {
    name: 'command',
    resumes: false,
    async run(request) {
      const input = wholePrompt(request.prompt);
      const log = await openLog(request, redact);
      await log.record({ kind: 'prompt', payload: input });
      // Before it starts: whatever happens then, money may have been spent.
      await recordUnpriced(log, request.model ?? 'unknown model');
      request.onActivity('running its command');
      const result = await runCommand({ ...commandFor(options, request, redact), input });
      const reason = failureOf('the command', result, { timeoutMs: request.timeoutMs, redact });
      if (result.endedBy === 'exit' && result.exitCode === NOT_NOW)
        return withLimitEnd(log, {
          ...{ kind: 'held', why: 'limit', reason },
          ...limitIn(result.output, Date.now()),
        });
      const output = redact(await outputWithFile(result, request.keepOutput));
      return reason ? { kind: 'failed', reason, output } : { kind: 'done', output };
    },
  };
}

/** @throws AgentError `AgentUnavailable` when no command is set. */
export function requireCommand(environment: Record<string, string | undefined>): string {
  const command = environment[COMMAND_VARIABLE]?.trim();
  if (command) return command;
  throw new AgentError(
    'AgentUnavailable',
    `no command for the agent "command": set ${COMMAND_VARIABLE} to one that takes the prompt on its standard input, such as "opencode run --auto", or choose another agent with --agent`,
  );
}

function commandFor(
  { command, environment }: CommandOptions,
  request: AgentRequest,
  redact: (text: string) => string,
): CommandRequest {
  return {
    ...request,
    command: '/bin/sh',
    arguments: ['-c', command],
    environment: {
      ...request.environment,
      ...(request.model ? { YOKEFLOW_MODEL: request.model } : {}),
      ...environment,
    },
    onLine: (line) => request.onActivity(redact(line)),
  };
}
