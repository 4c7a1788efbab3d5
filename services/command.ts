import { spawn } from 'node:child_process';

export interface CommandResult {
  /** Null when the command could not be started or was ended by a signal. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
  /** For its standard input; empty when absent. */
  input?: string;
  /** Milliseconds after which the command is killed; its result then has code null. */
  timeoutMs?: number;
}

/** Runs a command to its end and collects its output. Never throws: a missing command has code null. */
export function runCommand(
  command: string,
  args: string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { timeoutMs = 60_000, input = '', ...spawnOptions } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...spawnOptions, stdio: ['pipe', 'pipe', 'pipe'] });
    // Not spawn's own `timeout`: for a command that does not exist, that keeps the process waiting.
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const finish = (code: number | null, error = '') => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr: stderr + error });
    };
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    // It need not read it.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('error', (error) => finish(null, error.message));
    child.on('close', (code) => finish(code));
  });
}

/** The last line of a command's output that says anything, for a one-line message. */
export function lastLine(result: CommandResult): string {
  const lines = `${result.stdout}\n${result.stderr}`.split('\n').map((line) => line.trim());
  return lines.filter(Boolean).at(-1) ?? 'no output';
}
