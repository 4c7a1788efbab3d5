import { migrate } from '../../db/connection/migrate';
import { ensureDatabase } from '../../services/postgres/connection';

export const TEMPLATE_DATABASE = 'yokeflow_template';

/** The URL of another database of the same server. */
export function inDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

/** Makes the migrated, empty database that the databases of all tests are copies of. */
export async function makeTemplate(adminUrl: string): Promise<void> {
  await ensureDatabase(adminUrl, TEMPLATE_DATABASE);
  await migrate(inDatabase(adminUrl, TEMPLATE_DATABASE));
}
