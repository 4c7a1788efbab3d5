import { onTeardown } from './teardown-list';
import { makeTemplate } from './template';
import { startTestPostgres } from './test-postgres';
import { resolveTestCli, startTestTemporal } from './test-temporal';
import { bundleForTests } from './workflow-bundle';

function say(line: string): void {
  process.stderr.write(`test set-up: ${line}\n`);
}

async function setUpPostgres(): Promise<void> {
  const postgres = await startTestPostgres();
  onTeardown(() => postgres.stop());
  process.env.YOKEFLOW_TEST_DATABASE_URL = postgres.url;
  await makeTemplate(postgres.url);
}

async function setUpTemporal(): Promise<void> {
  const cli = await resolveTestCli(say);
  const temporal = await startTestTemporal(cli);
  onTeardown(() => temporal.stop());
  process.env.YOKEFLOW_TEST_TEMPORAL_PATH = cli;
  process.env.YOKEFLOW_TEST_TEMPORAL_ADDRESS = temporal.address;
}

async function setUpBundle(): Promise<void> {
  const bundle = await bundleForTests();
  onTeardown(() => bundle.remove());
  process.env.YOKEFLOW_TEST_WORKFLOW_BUNDLE = bundle.file;
}

/** One PostgreSQL and one Temporal server for the whole run; its workers find them in their environment. */
export default async function globalSetup(): Promise<void> {
  const started = Date.now();
  await Promise.all([setUpPostgres(), setUpTemporal(), setUpBundle()]);
  say(`services ready in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
