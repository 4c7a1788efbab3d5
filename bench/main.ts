#!/usr/bin/env node
import { machine } from './support/measure';
import { forgetOtherServers } from './support/own-servers';

/** A bench prints its tables. Each is a file of this folder. */
export interface Bench {
  run(say: (text: string) => void): Promise<void>;
}

const BENCHES: Record<string, () => Promise<Bench>> = {
  core: () => import('./core.js'),
  overhead: () => import('./overhead.js'),
  counts: () => import('./counts.js'),
  makespan: () => import('./makespan.js'),
  scale: () => import('./scale.js'),
  recovery: () => import('./recovery.js'),
  landing: () => import('./landing.js'),
  'start-up': () => import('./start-up.js'),
  latency: () => import('./latency.js'),
};

async function main(asked: string[]): Promise<void> {
  const unknown = asked.find((name) => !(name in BENCHES));
  if (unknown !== undefined) {
    process.stderr.write(
      `bench: there is no "${unknown}"; name some of ${Object.keys(BENCHES).join(', ')}\n`,
    );
    process.exitCode = 2;
    return;
  }
  forgetOtherServers();
  const say = (text: string) => void process.stdout.write(`${text}\n`);
  for (const name of asked.length ? asked : Object.keys(BENCHES)) {
    say(`\n## ${name}\n\n${await machine()}\n`);
    await (await BENCHES[name]!()).run(say);
  }
}

main(process.argv.slice(2)).then(
  // Connections of the Temporal client and of workers may linger.
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(
      `bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  },
);
