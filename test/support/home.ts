import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { postgresDataDir } from '../../services/supervision/bring-up';
import { stopServices } from '../../services/stop';
import { testPort } from './ports';
import { testTemporalCli } from './services';

export interface TestHome {
  home: string;
  env: NodeJS.ProcessEnv;
  /** Stops whatever runs for it, and removes it. */
  remove(): Promise<void>;
}

const homes = new Set<TestHome>();

/** For tests that run side by side. With `removeHomes` in `afterAll`, also the home of a test that ran out of time goes. */
export async function withHome(work: (at: TestHome) => Promise<void>): Promise<void> {
  const at = await testHome();
  homes.add(at);
  try {
    await work(at);
  } finally {
    await at.remove();
    homes.delete(at);
  }
}

export async function removeHomes(): Promise<void> {
  await Promise.all([...homes].map((at) => at.remove()));
}

/** A YOKEFLOW_HOME of its own with free ports, and an environment that has no settings but these. */
export async function testHome(): Promise<TestHome> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'yokeflow-test-home-'));
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(TEMPORAL|YOKEFLOW)_|^DATABASE_URL$/.test(name),
  );
  const env = {
    ...Object.fromEntries(inherited),
    YOKEFLOW_HOME: home,
    TEMPORAL_CONFIG_FILE: path.join(home, 'no-temporal.toml'),
    YOKEFLOW_TEMPORAL_PATH: testTemporalCli(),
    YOKEFLOW_TEMPORAL_PORT: String(await testPort()),
    YOKEFLOW_UI_PORT: String(await testPort()),
    YOKEFLOW_POSTGRES_PORT: String(await testPort()),
  };
  const remove = async () => {
    await stopServices({ env });
    await rm(await postgresDataDir(home), { recursive: true, force: true });
    await rm(home, { recursive: true, force: true });
  };
  return { home, env, remove };
}
