import type { ClientConnectConfig } from '@temporalio/envconfig';
import { localDatabaseUrl } from './postgres/cluster';
import type { Settings } from './settings';
import type { ServicesState } from './supervision/state';

export interface TemporalEndpoint {
  address: string;
  namespace: string;
  /** Null: not known, for a Temporal of the user's own. */
  uiUrl: string | null;
  /** For `Connection.connect` and `NativeConnection.connect`, TLS and API key included. */
  connectConfig: ClientConnectConfig;
}

export interface Endpoints {
  databaseUrl: string;
  temporal: TemporalEndpoint;
}

export const DATABASE = 'yokeflow';

function embeddedTemporal(port: number, uiPort: number | null, namespace: string): TemporalEndpoint {
  const address = `127.0.0.1:${port}`;
  return {
    address,
    namespace,
    uiUrl: uiPort === null ? null : `http://127.0.0.1:${uiPort}`,
    connectConfig: { connectionOptions: { address }, namespace },
  };
}

function externalTemporal(config: ClientConnectConfig, namespace: string): TemporalEndpoint {
  const address = config.connectionOptions.address ?? '';
  return { address, namespace, uiUrl: null, connectConfig: config };
}

/** Where PostgreSQL is; null: it is embedded, and not there. */
export function databaseUrlOf(
  settings: Settings,
  ports: ServicesState['ports'] | null,
  password: string | null,
): string | null {
  const local = ports?.postgres && password ? localDatabaseUrl(ports.postgres, password, DATABASE) : null;
  return settings.databaseUrl ?? local;
}

/** Where Temporal is; null: it is embedded, and not there. */
export function temporalOf(
  settings: Settings,
  ports: ServicesState['ports'] | null,
): TemporalEndpoint | null {
  const { namespace } = settings;
  if (settings.temporal) return externalTemporal(settings.temporal, namespace);
  return ports?.temporal ? embeddedTemporal(ports.temporal, ports.ui, namespace) : null;
}

/**
 * Where the services are: the user's own, and for what is embedded, at these ports.
 * @returns null when something embedded is not there.
 */
export function endpointsOf(
  settings: Settings,
  ports: ServicesState['ports'] | null,
  password: string | null,
): Endpoints | null {
  const databaseUrl = databaseUrlOf(settings, ports, password);
  const temporal = temporalOf(settings, ports);
  return databaseUrl !== null && temporal ? { databaseUrl, temporal } : null;
}

/**
 * The environment in which a process of YokeFlow's finds these services, and takes nothing of
 * the user's Temporal settings for the embedded server's.
 */
export function environmentFor(
  env: NodeJS.ProcessEnv,
  settings: Settings,
  endpoints: Endpoints,
): NodeJS.ProcessEnv {
  const { databaseUrl, temporal } = endpoints;
  const base = { ...env, YOKEFLOW_HOME: settings.home, DATABASE_URL: databaseUrl };
  if (settings.temporal) return base;
  const foreign = Object.keys(base).filter((name) => name.startsWith('TEMPORAL_'));
  return {
    ...Object.fromEntries(Object.entries(base).filter(([name]) => !foreign.includes(name))),
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    // A file that is not there: the user's temporal.toml may ask for TLS.
    TEMPORAL_CONFIG_FILE: `${settings.home}/temporal/none.toml`,
  };
}
