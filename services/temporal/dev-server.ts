import { SEARCH_ATTRIBUTES } from '../../domain/session/search-attributes';

export interface DevServer {
  port: number;
  /** Null: without the Web UI. */
  uiPort: number | null;
  /** Null: everything is forgotten when the server ends. */
  dbFile: string | null;
  namespace?: string;
}

/** The arguments of `temporal` for a dev server on loopback only. */
export function devServerArguments(server: DevServer): string[] {
  const attributes = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type}`,
  ]);
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(server.port)],
    ...(server.uiPort === null ? ['--headless'] : ['--ui-port', String(server.uiPort)]),
    ...(server.dbFile === null ? [] : ['--db-filename', server.dbFile]),
    ...(server.namespace === undefined ? [] : ['--namespace', server.namespace]),
    ...['--log-level', 'warn', '--log-format', 'json'],
    ...attributes,
  ];
}
