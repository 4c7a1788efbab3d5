#!/usr/bin/env node
import { WORKER_MARKER } from '../services/supervision/programs';
import { speakIntoTheVoid } from '../services/supervision/speak-into-the-void';
import { NamespaceTaken } from '../services/temporal/namespace-owner';
import { runWorker } from './run';

speakIntoTheVoid();

const supervised = process.argv.some((argument) => argument.startsWith(WORKER_MARKER));

runWorker({ environment: process.env, supervised }).then(
  // An activity that did not end in time would keep the process alive.
  () => process.exit(),
  (error: unknown) => {
    if (error instanceof NamespaceTaken) {
      process.stderr.write(`yokeflow worker: ${error.message}\n`);
      process.exit(2);
    }
    process.stderr.write(
      `yokeflow worker: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  },
);
