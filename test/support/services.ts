import { randomBytes } from 'node:crypto';
import { msToTs } from '@temporalio/common/lib/time';
import { withConnection } from '../../services/postgres/connection';
import { withTemporal } from '../../services/temporal/reachable';
import { inDatabase, TEMPLATE_DATABASE } from './template';

function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the tests through jest's global set-up`);
  return value;
}

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A fresh database on the run's PostgreSQL: migrated, if it is not to be empty. */
export async function testDatabase({ empty = false } = {}): Promise<TestDatabase> {
  const admin = given('YOKEFLOW_TEST_DATABASE_URL');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withConnection(admin, (client) =>
    client.query(`create database ${name} template ${empty ? 'template1' : TEMPLATE_DATABASE}`),
  );
  return {
    url: inDatabase(admin, name),
    drop: () =>
      withConnection(admin, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`);
      }),
  };
}

/** The run's Temporal server; use task queues and workflow ids of your own. */
export function testTemporal(): { address: string; namespace: string } {
  return { address: given('YOKEFLOW_TEST_TEMPORAL_ADDRESS'), namespace: 'default' };
}

/** A namespace on that server, for workers in processes of their own: the first one has it for its database. */
export async function testNamespace(): Promise<string> {
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  const workflowExecutionRetentionPeriod = msToTs('1 day');
  await withTemporal({ address: testTemporal().address }, 10_000, ({ workflowService }) =>
    workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod }),
  );
  return namespace;
}

/** The path of a Temporal CLI, for tests that start a server or run the CLI. */
export function testTemporalCli(): string {
  return given('YOKEFLOW_TEST_TEMPORAL_PATH');
}

/** The file that holds the bundled workflows. */
export function testWorkflowBundle(): string {
  return given('YOKEFLOW_TEST_WORKFLOW_BUNDLE');
}
