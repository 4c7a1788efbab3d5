import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOf } from '../../domain/cut-text';
import { temporaryName } from '../../domain/temporary-name';
import { tellingLine } from './telling-line';
import { runCommand, type CommandRequest, type CommandResult } from './command-runner';

export type ShellRequest = Omit<CommandRequest, 'command' | 'arguments'> & { script: string };

/**
 * Runs a shell script the way CI services do: `bash`, stopping at the first command that fails (`-e`, and
 * `pipefail`). The script goes through a file, since a single argument is limited to 128 kB on Linux.
 */
export async function runScript({ script, ...request }: ShellRequest): Promise<CommandResult> {
  const folder = await mkdtemp(join(tmpdir(), temporaryName('script', process.pid)));
  try {
    const file = join(folder, 'script.sh');
    await writeFile(file, script);
    return await runCommand({
      ...request,
      command: 'bash',
      arguments: ['--noprofile', '--norc', '-eo', 'pipefail', file],
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const MOST_TOLD = 200;

/**
 * Why a command did not succeed, in one line; empty when it did. Secrets are taken out of all that it printed: of one that
 * goes over several lines, or over the cut, nobody would know what is left.
 */
export function failureOf(
  what: string,
  { exitCode, endedBy, output }: CommandResult,
  { timeoutMs, redact }: { timeoutMs: number; redact: (text: string) => string },
): string {
  if (endedBy === 'exit' && exitCode === 0) return '';
  const told = startOf(tellingLine(redact(output)), MOST_TOLD);
  const said = told ? `: ${told}` : '';
  if (endedBy === 'timeout') return `${what} ran out of time after ${Math.round(timeoutMs / 1000)} s${said}`;
  if (endedBy === 'exit') return `${what} ended with exit code ${exitCode}${said}`;
  return `${what} was ended by ${endedBy}${said}`;
}
