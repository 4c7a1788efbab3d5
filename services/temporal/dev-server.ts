import { SEARCH_ATTRIBUTES } from '../../domain/session/search-attributes';

export interface DevServer {
  port: number;
  /** Null: without the Web UI. */
  uiPort: number | null;
  /** Null: everything is forgotten when the server ends. */
  dbFile: string | null;
  /** Made at its start, unless they are there. */
  namespaces?: string[];
}

/**
 * By default each transaction waits for the disk several times, for a journal file that comes and goes. A log that is
 * written ahead waits once, and keeps as much: whatever was committed survives killed processes and a power cut.
 */
const WRITE_AHEAD = ['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=FULL'];

/** Those of `temporal` that say where its data are. */
export const databaseArguments = (file: string): [string, string] => ['--db-filename', file];

/** The arguments of `temporal` for a dev server on loopback only. */
export function devServerArguments(server: DevServer): string[] {
  const attributes = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type}`,
  ]);
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(server.port)],
    ...(server.uiPort === null ? ['--headless'] : ['--ui-port', String(server.uiPort)]),
    ...(server.dbFile === null ? [] : [...databaseArguments(server.dbFile), ...WRITE_AHEAD]),
    ...(server.namespaces ?? []).flatMap((namespace) => ['--namespace', namespace]),
    ...['--log-level', 'warn', '--log-format', 'json'],
    ...attributes,
  ];
}
