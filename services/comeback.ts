import path from 'node:path';
import { ServicesError } from './errors';
import { freeMibAt } from './free-space';
import { homePaths } from './home';
import { lastLogLine } from './supervision/log-file';
import { waitUntil } from './wait';
import { whyUnreachable } from './postgres/connection';

/** After a crash it first goes over what it had not yet written to its tables. */
const BACK_WITHIN_MS = 90_000;
/** One that is frozen may stay so: whoever asks it something is told of that. */
const ON_ITS_WAY = /ECONNREFUSED|ECONNRESET|terminated|the database system is/;

/**
 * The embedded server that has ended by itself is started again by its supervisor: waits until it answers.
 * @throws ServicesError with what keeps it from that
 */
export async function comeback(home: string, url: string, say: (line: string) => void): Promise<void> {
  const problem = await whyAway(url);
  if (problem === null) return;
  if (problem.includes('ECONNREFUSED') && (await freeMibAt(home)) === 0)
    throw new ServicesError(
      `PostgreSQL does not run: the disk of ${home} is full`,
      'free some space, and try again',
    );
  say(`PostgreSQL has ended, and is being started again (${problem}): waiting for that`);
  if (await waitUntil(async () => (await whyAway(url)) === null, BACK_WITHIN_MS)) return;
  const log = path.join(homePaths(home).logs, 'postgres.log');
  throw new ServicesError(`PostgreSQL does not come back (${await lastLogLine(log)})`, `read ${log}`);
}

async function whyAway(url: string): Promise<string | null> {
  const problem = await whyUnreachable(url);
  return problem !== null && ON_ITS_WAY.test(problem) ? problem : null;
}
