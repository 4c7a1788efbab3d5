import { openDatabase, type Database } from '../../db/connection/connection';
import { testDatabase } from '../support/services';

export interface Fixture {
  db: Database;
  url: string;
  close(): Promise<void>;
}

/** A migrated database of the test file's own, with a pool on it. */
export async function openFixture(max = 10): Promise<Fixture> {
  const database = await testDatabase();
  const db = openDatabase(database.url, { max });
  const close = async () => {
    await db.close();
    await database.drop();
  };
  return { db, url: database.url, close };
}
