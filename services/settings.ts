import os from 'node:os';
import path from 'node:path';
import { type ClientConfigProfile, loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { withAbsoluteCertificates } from './absolute-paths';
import { SettingsError } from './errors';

const DEFAULT_NAMESPACE = 'default';

export interface Settings {
  /** Where embedded services keep everything; absolute. */
  home: string;
  /** A PostgreSQL of the user's own; null: the embedded one. */
  databaseUrl: string | null;
  /** A Temporal of the user's own; null: the embedded one. */
  temporal: ClientConnectConfig | null;
  namespace: string;
  /** For embedded services; when one is taken, another free port is used. */
  preferredPorts: { temporal: number; ui: number; postgres: number };
}

function port(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name];
  if (!text) return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value < 65_536) return value;
  throw new SettingsError(`${name} is "${text}"`, 'give a port from 1 to 65535, or unset it');
}

/** The value is not shown: it holds a password. */
function databaseUrl(env: NodeJS.ProcessEnv): string | null {
  const url = env.DATABASE_URL;
  if (!url) return null;
  const scheme = URL.canParse(url) ? new URL(url).protocol : '';
  if (scheme === 'postgres:' || scheme === 'postgresql:') return withAbsoluteCertificates(withPlainTls(url));
  throw new SettingsError(
    'DATABASE_URL is not the URL of a PostgreSQL',
    'write it as postgresql://user:password@host:5432/database, or unset it to use the embedded one',
  );
}

/**
 * What `pg` takes these modes for, written out: it would warn of them, in eight lines, at every command. A later version of
 * it will check no certificate for them.
 */
function withPlainTls(url: string): string {
  if (/[?&]uselibpqcompat=true(&|$)/.test(url)) return url;
  return url.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/, '$1verify-full');
}

function temporalProfile(env: NodeJS.ProcessEnv): ClientConfigProfile {
  const profile = env.TEMPORAL_PROFILE;
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  try {
    return loadClientConfigProfile({ profile, overrideEnvVars: Object.fromEntries(set) });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message.replaceAll('\n', ' ') : String(cause);
    throw new SettingsError(
      `The settings for Temporal cannot be used (${problem})`,
      'correct temporal.toml, TEMPORAL_PROFILE and TEMPORAL_CONFIG_FILE',
      { cause },
    );
  }
}

/** Reads the certificates that the settings name. */
function clientOptions(profile: ClientConfigProfile): ClientConnectConfig {
  try {
    return toClientOptions(profile);
  } catch (cause) {
    const problem = String(cause)
      .replace(/^Error: /, '')
      .replaceAll('\n', ' ');
    throw new SettingsError(
      `The certificates for Temporal cannot be read (${problem})`,
      'correct the paths in TEMPORAL_TLS_... or in temporal.toml, where they have to be absolute',
      { cause },
    );
  }
}

/** A container may run as a user whom it does not know, and then there is none without HOME. */
function homeFolder(): string {
  try {
    return os.homedir();
  } catch (cause) {
    throw new SettingsError('There is no home folder', 'set YOKEFLOW_HOME to a folder of yours', { cause });
  }
}

/**
 * Reads what the environment, and temporal.toml, say about services.
 * @throws SettingsError for a value that cannot be used.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const profile = temporalProfile(env);
  const namespace = profile.namespace ?? DEFAULT_NAMESPACE;
  const home = path.resolve(env.YOKEFLOW_HOME || path.join(homeFolder(), '.yokeflow'));
  // Temporal takes the path of its database for a URL: it would keep it elsewhere, or find none.
  if (!profile.address && /[%?#]/.test(home))
    throw new SettingsError(`The path ${home} holds %, ? or #`, 'set YOKEFLOW_HOME to one without these');
  return {
    home,
    databaseUrl: databaseUrl(env),
    temporal: profile.address ? { ...clientOptions(profile), namespace } : null,
    namespace,
    preferredPorts: {
      temporal: port(env, 'YOKEFLOW_TEMPORAL_PORT', 7233),
      ui: port(env, 'YOKEFLOW_UI_PORT', 8233),
      postgres: port(env, 'YOKEFLOW_POSTGRES_PORT', 54_329),
    },
  };
}
