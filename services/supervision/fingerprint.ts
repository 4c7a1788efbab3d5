import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { withAbsolutePaths } from '../absolute-paths';
import { built } from '../built';
import type { Settings } from '../settings';

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** Tells whether running services are those that these settings ask for. */
export function wiringOf(settings: Settings): string {
  const { databaseUrl, temporal, namespace } = settings;
  return hash(JSON.stringify([databaseUrl, temporal?.connectionOptions.address ?? null, namespace]));
}

/** `TEMPORAL_ADDRESS` and the namespace are the wiring: another one is another installation. */
const WORKER_VARIABLE =
  /^((ANTHROPIC|CLAUDE|OPENAI|CODEX)_|YOKEFLOW_(AGENT|NOTIFY)_|TEMPORAL_(API_KEY|TLS|GRPC_META)|(YOKEFLOW_(MIN_FREE_MB|SANDBOX)|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|(HTTPS?|ALL|NO)_PROXY|(GH|GITHUB)_(ENTERPRISE_)?TOKEN|GH_CONFIG_DIR|SSH_AUTH_SOCK)$)/i;

/** A hash of each variable that the worker, its agents, pushes or notifications look at, and can only inherit at its start. */
export function agentKeysOf(env: NodeJS.ProcessEnv): Record<string, string> {
  const relevant = Object.entries(withAbsolutePaths(env)).filter(
    ([name, value]) => value && WORKER_VARIABLE.test(name),
  );
  return Object.fromEntries(relevant.map(([name, value]) => [name, hash(value!)]));
}

/** The variables of `wanted` that `present` lacks. What is missing from `wanted` makes no difference. */
export function differingKeys(present: Record<string, string>, wanted: Record<string, string>): string[] {
  return Object.keys(wanted).filter((name) => present[name] !== wanted[name]);
}

/** The variables of `present` that `wanted` has not: a worker keeps what it was started with. */
export const keptKeys = (present: Record<string, string>, wanted: Record<string, string>): string[] =>
  Object.keys(present).filter((name) => !(name in wanted));

/** Identifies the compiled program: the stamp that the build leaves. */
export async function currentBuild(): Promise<string> {
  return readFile(path.join(built('.'), '.build-stamp'), 'utf8').then(
    (text) => text.trim(),
    () => 'none',
  );
}
