import type { AgentRequest } from '../../contract/agent';
import { runCommand, type CommandResult } from '../../process/command-runner';
import { outputWithFile } from '../../process/long-output';
import { failed, inputText, type Tool, type ToolOutput } from './tool';

const DEFAULT_SECONDS = 120;
const MAX_SECONDS = 600;

/** A command is one argument of a process, which Linux limits to 128 kB. */
const MAX_COMMAND = 100_000;

const DESCRIPTION = `Runs a command in bash, in the worktree's top directory. Each call starts a new shell: \
\`cd\` and variables do not last. Standard input is empty. When the command ends, everything that it started in the \
background is ended too. Output of more than 16,000 characters loses its middle here; the answer then names a file \
that has all of it.`;

type Place = Pick<AgentRequest, 'directory' | 'environment' | 'onProcess' | 'afterProcess' | 'keepOutput'>;

/**
 * Commands of the model, one process group each. Not the SDK's shell: that one hides its pid, so a crashed worker's
 * successor could not end it.
 */
export function bashTool(place: Place): Tool {
  return {
    definition: {
      name: 'bash',
      description: DESCRIPTION,
      input_schema: {
        type: 'object',
        properties: {
          command: { type: 'string' },
          timeout_seconds: {
            type: 'integer',
            description: `Default ${DEFAULT_SECONDS}, at most ${MAX_SECONDS}.`,
          },
        },
        required: ['command'],
      },
    },
    describe: (input) => `bash: ${inputText(input, 'command')?.trim().split('\n')[0] ?? ''}`,
    async run(input, signal) {
      const command = inputText(input, 'command');
      const problem = problemOf(command);
      if (problem !== null) return failed(problem);
      const timeoutMs = secondsOf(input) * 1000;
      const result = await runCommand({
        ...place,
        command: 'bash',
        arguments: ['--noprofile', '--norc', '-c', command!],
        timeoutMs,
        signal,
      });
      const output = await outputWithFile(result, place.keepOutput);
      return {
        text: textOf({ ...result, output }, timeoutMs),
        isError: result.endedBy !== 'exit' || result.exitCode !== 0,
      };
    },
  };
}

function problemOf(command: string | null): string | null {
  if (!command?.trim()) return 'bash: "command" is missing';
  if (command.includes('\0')) return 'bash: a command cannot hold a NUL character';
  if (Buffer.byteLength(command) > MAX_COMMAND)
    return `bash: the command is longer than ${MAX_COMMAND} bytes; write it to a file first, and run that`;
  return null;
}

function secondsOf(input: unknown): number {
  const asked = Number((input as { timeout_seconds?: unknown }).timeout_seconds ?? DEFAULT_SECONDS);
  return Math.min(Math.max(Number.isFinite(asked) ? asked : DEFAULT_SECONDS, 1), MAX_SECONDS);
}

function textOf({ output, exitCode, endedBy }: CommandResult, timeoutMs: number): ToolOutput['text'] {
  const printed = output.trimEnd();
  if (endedBy === 'exit') return exitCode === 0 ? printed : `${printed}\n[exit code ${exitCode}]`.trimStart();
  const how =
    endedBy === 'timeout' ? `ran out of time after ${timeoutMs / 1000} s` : `was ended by ${endedBy}`;
  return `${printed}\n[The command ${how}; this is what it printed until then.]`.trimStart();
}
