import type { Database } from '../../db/connection/connection';
import type { Endpoints } from '../../services';
import { openFixture, type Fixture } from '../db/database';
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
