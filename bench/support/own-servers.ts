import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What leads to servers, a home or notifications of whoever runs a bench. */
const LEADS_ELSEWHERE = /^(DATABASE_URL$|PG|TEMPORAL_|YOKEFLOW_(?!TEMPORAL_PATH$))/;

/** Each bench starts servers of its own: this process, and what it starts, knows of no others. */
export function forgetOtherServers(): void {
  for (const name of Object.keys(process.env).filter((one) => LEADS_ELSEWHERE.test(one)))
    delete process.env[name];
  process.env.TEMPORAL_CONFIG_FILE = join(tmpdir(), 'yokeflow-bench-no-temporal.toml');
}
