import type { Database } from '../../db/connection/connection';
import { importPlan } from '../../db/plan/plan-import';
import { openSession } from '../../db/session/session-open';
import type { Endpoints } from '../../services';
import { sessionWorkflowId } from '../../workflows/messages';
import { openFixture, type Fixture } from '../db/database';
import { repositoryOf, smallPlan } from '../db/scenario';
import { testTemporal } from '../support/services';
import { connectTemporal, type TemporalHarness } from '../support/temporal';
import { endpointsOf } from './captured-cli';

/** PostgreSQL and Temporal, as a command has them. */
export interface Both {
  readonly db: Database;
  readonly temporal: TemporalHarness;
  readonly endpoints: Endpoints;
}

/** A database and a task queue for all tests of a file, which ends them. */
export function openBoth(): Both {
  let fixture: Fixture;
  let temporal: TemporalHarness;
  beforeAll(async () => {
    fixture = await openFixture();
    temporal = await connectTemporal();
  });
  afterAll(async () => {
    await temporal.close();
    await fixture.close();
  });
  return {
    get db() {
      return fixture.db;
    },
    get temporal() {
      return temporal;
    },
    get endpoints() {
      return endpointsOf(fixture.url, testTemporal().address);
    },
  };
}

/** A session of a small plan that has begun in Temporal and is on record as open. Its worker, if any, is the caller's. */
export async function givenSession({ db, temporal }: Both, project: string) {
  const plan = smallPlan(project);
  const { projectId } = await importPlan(db, { plan, repository: repositoryOf(project) });
  const workflowId = sessionWorkflowId(project);
  const { client, taskQueue } = temporal;
  const handle = await client.workflow.start('runProject', { args: [{ project }], taskQueue, workflowId });
  const runId = handle.firstExecutionRunId;
  const { id } = await openSession(db, { projectId, workflowId, runId, options: {} });
  return { id, handle };
}
