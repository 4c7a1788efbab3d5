#!/usr/bin/env node
import { EXIT } from './cli/exit';
import { runCli, stackOf } from './program';
import { terminalContext } from './terminal';

// The reader of a pipe may leave early, as `head` does. What follows a session is left by that as by Ctrl-C.
let left = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (process.listenerCount('SIGINT') === 0) process.exit(EXIT.ok);
  if (!left) process.emit('SIGINT', 'SIGINT');
  left = true;
});
// Where nobody reads what is wrong, the exit code still says that something is.
process.stderr.on('error', () => undefined);

for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, giveUp);

/** What no command has caught is told like any other error. */
function giveUp(error: unknown): never {
  const context = terminalContext();
  const { describeFailure } = require('./cli/failure') as typeof import('./cli/failure');
  context.note(`yokeflow: ${describeFailure(error).message ?? ''}`);
  if (process.env.YOKEFLOW_DEBUG) context.note(stackOf(error));
  process.exit(1);
}

void runCli(process.argv.slice(2), terminalContext()).then((code) => {
  process.exitCode = code;
});
