import type { SchemaVersion } from '../../db/connection/migrate';
import type { Check } from '../../services';

/** The line of `doctor` about the database's schema. */
export function schemaCheck({ applied, known }: SchemaVersion): Check {
  const name = 'schema';
  if (applied === known) return { name, status: 'ok', detail: applied };
  if (applied !== null && applied > known) {
    const detail = `${applied}, which is newer than this YokeFlow (${known})`;
    return { name, status: 'fail', detail, remedy: 'update YokeFlow, or use another DATABASE_URL' };
  }
  const detail = applied === null ? 'not made yet' : `${applied}, this YokeFlow is at ${known}`;
  return { name, status: 'warn', detail, remedy: 'run `yokeflow up`, which brings it up to date' };
}
