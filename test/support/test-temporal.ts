import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../../services/ports';
import { devServerArguments } from '../../services/temporal/dev-server';
import { whyTemporalUnusable } from '../../services/temporal/reachable';
import { resolveCli } from '../../services/temporal/resolve-cli';
import { waitUntil } from '../../services/wait';
import { startGuarded } from './guarded';

const CLONE = path.join(__dirname, '../..');

/** The CLI that the tests use: one that is there already, or fetched into the clone's own cache. */
export function resolveTestCli(onProgress: (line: string) => void): Promise<string> {
  return resolveCli({
    env: process.env,
    binDir: process.env.YOKEFLOW_BIN_DIR ?? path.join(CLONE, '.cache/bin'),
    alsoIn: [path.join(os.homedir(), '.yokeflow/bin')],
    onProgress,
  });
}

/** Starts a Temporal dev server of the test run's own, in memory. */
export async function startTestTemporal(cli: string): Promise<{ address: string; stop(): Promise<void> }> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'yokeflow-test-temporal-'));
  const port = await freePort();
  const log = path.join(directory, 'log');
  const server = startGuarded(cli, devServerArguments({ port, uiPort: null, dbFile: null }), {
    directory,
    log,
  });
  const stop = async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
  const address = `127.0.0.1:${port}`;
  const answers = async () => (await whyTemporalUnusable({ address }, 'default', 1_000)) === null;
  if (await waitUntil(answers, 30_000)) return { address, stop };
  const output = await readFile(log, 'utf8');
  await stop();
  throw new Error(`The Temporal dev server did not start for the tests:\n${output}`);
}
