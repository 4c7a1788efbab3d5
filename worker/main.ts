#!/usr/bin/env node
import { runWorker } from './run';

runWorker(process.env).catch((error: unknown) => {
  process.stderr.write(
    `yokeflow worker: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
});
