import type { ClientConnectConfig } from '@temporalio/envconfig';
import { SettingsError } from './errors';
import { whyUnreachable } from './postgres/connection';
import type { Settings } from './settings';
import { NO_ANSWER, NO_NAMESPACE, whyTemporalUnusable } from './temporal/reachable';
import { tlsRemedy } from './temporal/tls-problem';

function hostOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname || 'localhost'}:${port || '5432'}`;
}

async function checkPostgres(url: string): Promise<void> {
  const problem = await whyUnreachable(url);
  if (problem === null) return;
  throw new SettingsError(
    `PostgreSQL does not answer at ${hostOf(url)} (DATABASE_URL; ${problem})`,
    'start it, correct DATABASE_URL, or unset it to use the embedded one',
  );
}

async function checkTemporal(config: ClientConnectConfig, namespace: string): Promise<void> {
  const { address, apiKey, tls, metadata } = config.connectionOptions;
  const options = { address, apiKey, tls, metadata: metadata as Record<string, string> | undefined };
  const problem = await whyTemporalUnusable(options, namespace);
  if (problem === null) return;
  if (problem === NO_NAMESPACE) {
    throw new SettingsError(
      `Temporal at ${address} has no namespace "${namespace}" (TEMPORAL_NAMESPACE)`,
      `create it with \`temporal operator namespace create -n ${namespace}\`, or name another`,
    );
  }
  const what =
    problem === NO_ANSWER
      ? `Temporal does not answer at ${address} (TEMPORAL_ADDRESS)`
      : `Temporal at ${address} cannot be used (TEMPORAL_ADDRESS; ${problem})`;
  const remedy =
    tlsRemedy(problem) ?? 'start it, correct TEMPORAL_ADDRESS, or unset it to use the embedded one';
  throw new SettingsError(what, remedy);
}

/** Checks the user's own servers, within 5 seconds. Throws SettingsError for the first that cannot be used. */
export async function checkExternal(settings: Settings): Promise<void> {
  const { namespace } = settings;
  const checks = [
    ...(settings.databaseUrl ? [checkPostgres(settings.databaseUrl)] : []),
    ...(settings.temporal ? [checkTemporal(settings.temporal, namespace)] : []),
  ];
  for (const outcome of await Promise.allSettled(checks)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
}
