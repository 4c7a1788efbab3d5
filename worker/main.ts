#!/usr/bin/env node
import { runWorker } from './run';
import { speakIntoTheVoid } from './stop-signals';

speakIntoTheVoid();

runWorker(process.env).then(
  // An activity that did not end in time would keep the process alive.
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(
      `yokeflow worker: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  },
);
