import { createConnection } from 'node:net';
import { Client, type ConnectionOptions } from '@temporalio/client';
import { missingAttributes, registerCommand } from '../domain/session/search-attributes';
import type { Check } from './check';
import { databaseUrlOf, temporalOf, type TemporalEndpoint } from './endpoints';
import { homePaths, readPassword } from './home';
import { withConnection } from './postgres/connection';
import { identityOf } from './postgres/identity';
import { isRunning } from '../processes/identity';
import type { Settings } from './settings';
import { postgresDataDir } from './supervision/bring-up';
import { wiringOf } from './supervision/fingerprint';
import { type ProgramName, readState, type ServicesState } from './supervision/state';
import { isOwnNamespace, NamespaceTaken } from './temporal/namespace-owner';
import { NO_NAMESPACE, whyTemporalUnusable, withTemporal } from './temporal/reachable';
import { tlsRemedy } from './temporal/tls-problem';

const LIST_WITHIN_MS = 5_000;
const UP = 'run `yokeflow up`';
/** For what is there and says nothing: `up` finds it running. */
const RESTART = 'run `yokeflow down`, then `yokeflow up`';

/** Asks each service by itself, whoever runs it: the user's own where one is set, else the embedded one. */
export async function checkServices(settings: Settings): Promise<Check[]> {
  const state = await stateOf(settings);
  const ports = state?.ports ?? null;
  const password = await readPassword(homePaths(settings.home));
  const databaseUrl = databaseUrlOf(settings, ports, password);
  const helps = async (name: ProgramName) => ((await runs(state, name)) ? RESTART : UP);
  const checks = await Promise.all([
    postgres(databaseUrl, settings, await helps('postgres')),
    temporal(temporalOf(settings, ports), { settings, databaseUrl, helps: await helps('temporal') }),
    portsOf(settings, ports),
  ]);
  return state && state.wiring !== wiringOf(settings) ? [...checks, otherSettings] : checks;
}

/** Null when nothing of it runs. What a supervisor started may well run on when that was killed. */
async function stateOf(settings: Settings): Promise<ServicesState | null> {
  const state = await readState(homePaths(settings.home).state);
  const alive = await Promise.all(
    [...(state?.programs ?? []), ...(state ? [state.supervisor] : [])].map(isRunning),
  );
  return alive.includes(true) ? state : null;
}

async function runs(state: ServicesState | null, name: ProgramName): Promise<boolean> {
  const program = state?.programs.find((one) => one.name === name);
  return program !== undefined && isRunning(program);
}

const otherSettings: Check = {
  name: 'settings',
  status: 'fail',
  detail: 'the services that run were started with another DATABASE_URL or other TEMPORAL_* settings',
  remedy: 'run `yokeflow down`, then `yokeflow up`; or set YOKEFLOW_HOME to another folder',
};

/** @param helps where the embedded one does not answer */
async function postgres(url: string | null, { databaseUrl, home }: Settings, helps: string): Promise<Check> {
  const name = 'PostgreSQL';
  if (url === null) return { name, status: 'warn', detail: 'embedded, not running', remedy: UP };
  const whose = databaseUrl === null ? 'embedded' : 'DATABASE_URL';
  try {
    return await withConnection(url, async (client) => {
      const version = await client.query<{ server_version: string }>('show server_version');
      const schema = await client.query<{ found: string | null }>(
        `select to_regclass('yokeflow.projects') found`,
      );
      const made = schema.rows[0]?.found ? 'schema present' : 'schema not made yet';
      const place = databaseUrl === null ? `, data in ${await postgresDataDir(home)}` : '';
      return { name, status: 'ok', detail: `${whose}, ${version.rows[0]?.server_version}, ${made}${place}` };
    });
  } catch (error) {
    const detail = `${whose}: ${error instanceof Error ? error.message : String(error)}`;
    const remedy = databaseUrl === null ? helps : 'start or restart it, or correct or unset DATABASE_URL';
    return { name, status: 'fail', detail, remedy };
  }
}

interface TemporalPlace {
  settings: Settings;
  /** Null: there is none that runs. */
  databaseUrl: string | null;
  /** Where the embedded one does not answer. */
  helps: string;
}

async function temporal(
  endpoint: TemporalEndpoint | null,
  { settings, databaseUrl, helps }: TemporalPlace,
): Promise<Check> {
  const name = 'Temporal';
  if (!endpoint) return { name, status: 'warn', detail: 'embedded, not running', remedy: UP };
  const { address, namespace, connectConfig } = endpoint;
  const { apiKey, tls, metadata } = connectConfig.connectionOptions;
  const options = { address, apiKey, tls, metadata: metadata as Record<string, string> | undefined };
  const problem = await whyTemporalUnusable(options, namespace);
  const whose = settings.temporal ? 'TEMPORAL_ADDRESS' : 'embedded';
  const detail = `${whose}, ${address}, namespace ${namespace}`;
  if (problem === null) {
    const taken = databaseUrl && (await whyTaken(options, namespace, databaseUrl));
    if (taken) return { name, status: 'fail', detail: `${detail}: ${taken.problem}`, remedy: taken.remedy };
    return { name, status: 'ok', detail: `${detail}, ${await searchAttributes(options, namespace)}` };
  }
  const own =
    problem === NO_NAMESPACE
      ? `create it with \`temporal operator namespace create -n ${namespace}\`, or correct TEMPORAL_NAMESPACE`
      : (tlsRemedy(problem) ?? 'start or restart it, or correct or unset TEMPORAL_ADDRESS');
  const remedy = settings.temporal ? own : helps;
  return { name, status: 'fail', detail: `${detail}: ${problem}`, remedy };
}

/** Null where the sessions there are not another database's, as far as that can be told. */
async function whyTaken(
  options: ConnectionOptions,
  namespace: string,
  databaseUrl: string,
): Promise<NamespaceTaken | null> {
  try {
    const database = await identityOf(databaseUrl);
    await withTemporal(options, LIST_WITHIN_MS, (connection) =>
      isOwnNamespace(new Client({ connection, namespace }), database),
    );
    return null;
  } catch (error) {
    return error instanceof NamespaceTaken ? error : null;
  }
}

/** A server without them is fine: its lists then know less of sessions. */
async function searchAttributes(options: ConnectionOptions, namespace: string): Promise<string> {
  try {
    const { customAttributes } = await withTemporal(options, LIST_WITHIN_MS, (connection) =>
      connection.operatorService.listSearchAttributes({ namespace }),
    );
    const missing = missingAttributes(customAttributes);
    if (missing.length === 0) return 'search attributes registered';
    return `without the search attributes ${missing.join(', ')} (if you want them: ${registerCommand(namespace)})`;
  } catch {
    return 'which does not tell its search attributes';
  }
}

/** Those that embedded services want; what our own have taken is not in the way. */
async function portsOf(settings: Settings, own: ServicesState['ports'] | null): Promise<Check> {
  const name = 'ports';
  const { postgres, temporal, ui } = settings.preferredPorts;
  const wanted = [...(settings.databaseUrl ? [] : [postgres]), ...(settings.temporal ? [] : [temporal, ui])];
  if (wanted.length === 0) return { name, status: 'ok', detail: 'none needed: both services are your own' };
  const ours = wanted.filter((port) => Object.values(own ?? {}).includes(port));
  const others = wanted.filter((port) => !ours.includes(port));
  const found = await Promise.all(others.map(isTaken));
  const taken = others.filter((_, index) => found[index]);
  const free = others.filter((_, index) => !found[index]);
  const detail = [
    ours.length > 0 ? `${ours.join(', ')} used by the services that run` : '',
    free.length > 0 ? `${free.join(', ')} free` : '',
    taken.length > 0 ? `${taken.join(', ')} taken by another program` : '',
  ];
  const remedy =
    'nothing to do: other ports are used; or set YOKEFLOW_TEMPORAL_PORT, YOKEFLOW_UI_PORT, YOKEFLOW_POSTGRES_PORT';
  const status = taken.length === 0 ? 'ok' : 'warn';
  return { name, status, detail: detail.filter(Boolean).join('; '), remedy };
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: 1_000 });
    const answer = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.on('connect', () => answer(true));
    socket.on('error', () => answer(false));
    socket.on('timeout', () => answer(false));
  });
}
