import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase, type Database } from '../../db/connection/connection';
import { migrate } from '../../db/connection/migrate';
import { ensureDatabase } from '../../services/postgres/connection';
import { testTemporalCli } from '../support/services';
import { inDatabase } from '../support/template';
import { startTestPostgres, type TestPostgres } from '../support/test-postgres';
import { startTestTemporal, type TestTemporal } from '../support/test-temporal';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process';

const RESTART_AFTER_MS = 500;

/** Servers and workers of one chaos run, each of which can be killed. */
export interface Rig {
  folder: string;
  postgres: TestPostgres;
  temporal: TestTemporal;
  db: Database;
  workers: KeptWorker[];
  close(): Promise<void>;
}

/** A worker that is started again when it ends by itself, as a supervisor does. */
export interface KeptWorker {
  kill(): Promise<void>;
  /** SIGTERM. */
  stop(): Promise<void>;
  start(): void;
  output(): string;
}

export interface RigOptions {
  workers: number;
  /** Of the workers, besides the addresses. */
  environment: Record<string, string>;
}

export async function startRig({ workers, environment }: RigOptions): Promise<Rig> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'yokeflow-chaos-')));
  const [postgres, temporal] = await Promise.all([
    startTestPostgres({ survivesKills: true }),
    startTestTemporal(testTemporalCli(), { survivesKills: true }),
  ]);
  await ensureDatabase(postgres.url, 'yokeflow');
  const url = inDatabase(postgres.url, 'yokeflow');
  await migrate(url);
  const db = openDatabase(url, { max: 3 });
  const place = {
    DATABASE_URL: url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_CONFIG_FILE: join(folder, 'no-temporal.toml'),
    YOKEFLOW_HOME: join(folder, 'home'),
    ...environment,
  };
  const kept = Array.from({ length: workers }, () => keptWorker(place));
  return {
    folder,
    postgres,
    temporal,
    db,
    workers: kept,
    async close() {
      await Promise.all(kept.map((worker) => worker.kill()));
      await db.close();
      await Promise.all([postgres.stop(), temporal.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function keptWorker(environment: Record<string, string>): KeptWorker {
  let current: WorkerProcess | null = null;
  let said = '';
  const start = () => {
    const worker = startWorkerProcess(environment);
    current = worker;
    void worker.gone.then(async () => {
      said = (said + worker.output()).slice(-20_000);
      await sleep(RESTART_AFTER_MS);
      // Nobody asked for its end: Temporal or PostgreSQL were away when it started.
      if (current === worker) start();
    });
  };
  const end = async (how: 'kill' | 'stop') => {
    const worker = current;
    current = null;
    await worker?.[how]();
  };
  start();
  return {
    start,
    kill: () => end('kill'),
    stop: () => end('stop'),
    output: () => said + (current?.output() ?? ''),
  };
}
