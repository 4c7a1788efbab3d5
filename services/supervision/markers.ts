import { homePaths } from '../home';
import { dataArguments } from '../postgres/cluster';
import { databaseArguments } from '../temporal/dev-server';
import { postgresDataDir } from './bring-up';
import type { Markers } from './leftovers';
import { workerMarker } from './programs';

/** More than a path: that is also among the arguments of whoever reads or copies the data. */
export async function markersOf(home: string): Promise<Markers> {
  return {
    worker: [workerMarker(home)],
    temporal: databaseArguments(homePaths(home).temporalDb),
    postgres: dataArguments(await postgresDataDir(home)),
  };
}
