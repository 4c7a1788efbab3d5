import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { devServerArguments } from '../../services/temporal/dev-server';
import { whyTemporalUnusable } from '../../services/temporal/reachable';
import { resolveCli } from '../../services/temporal/resolve-cli';
import { startServer, type GuardedServer } from './guarded-server';
import { testPort } from './ports';

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

export interface TestTemporal extends GuardedServer {
  address: string;
}

const TRIES = 3;

interface TemporalOptions {
  survivesKills?: boolean;
  searchAttributes?: boolean;
  /** Such as `frontend.WorkflowPauseEnabled=true`. */
  dynamicConfig?: string[];
  /** Besides `default`. */
  namespaces?: string[];
}

/**
 * Starts a Temporal dev server of the test run's own: in memory, unless it is to survive kills. Between the search for a
 * free port and its use another program may take that one, a part of the server itself among them: then with another.
 */
export async function startTestTemporal(cli: string, options: TemporalOptions = {}): Promise<TestTemporal> {
  for (let tries = 1; ; tries++) {
    try {
      return await startOnce(cli, options);
    } catch (error) {
      if (tries === TRIES || !/address already in use/.test(String(error))) throw error;
    }
  }
}

async function startOnce(
  cli: string,
  { survivesKills = false, searchAttributes = true, dynamicConfig = [], namespaces = [] }: TemporalOptions,
): Promise<TestTemporal> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'yokeflow-test-temporal-'));
  const port = await testPort();
  const address = `127.0.0.1:${port}`;
  const dbFile = survivesKills ? path.join(directory, 'temporal.db') : null;
  const args = devServerArguments({ port, uiPort: null, dbFile, namespaces });
  const asked = searchAttributes ? args : args.slice(0, args.indexOf('--search-attribute'));
  const server = await startServer({
    name: 'The Temporal dev server',
    command: cli,
    args: [...asked, ...dynamicConfig.flatMap((value) => ['--dynamic-config-value', value])],
    directory,
    async answers() {
      for (const namespace of ['default', ...namespaces])
        if ((await whyTemporalUnusable({ address }, namespace, 1_000)) !== null) return false;
      return true;
    },
  });
  return { address, ...server };
}
