#!/usr/bin/env node
import { runCli } from './program';
import { terminalContext } from './terminal';

// The reader of a pipe may leave early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

void runCli(process.argv.slice(2), terminalContext()).then((code) => {
  process.exitCode = code;
});
