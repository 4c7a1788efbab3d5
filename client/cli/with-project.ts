import type { Database } from '../../db/connection/connection';
import type { Project } from '../../db/project/projects';
import type { Endpoints } from '../../services';
import { chooseProject } from './choose-project';
import type { Cli, ProjectOption } from './command';
import { withDatabase, withServices, type Connected } from './connect';

/** Runs `work` with the migrated database and the project that is meant. */
export const withProject = <T>(
  { context, hint }: Cli,
  { project }: ProjectOption,
  work: (db: Database, project: Project, endpoints: Endpoints) => Promise<T>,
): Promise<T> =>
  withDatabase(context, async (db, endpoints) => work(db, await chooseProject(db, project, hint), endpoints));

/** The same with Temporal and, unless told otherwise, a worker. */
export const withProjectAndServices = <T>(
  { context, hint }: Cli,
  { project }: ProjectOption,
  work: (connected: Connected, project: Project) => Promise<T>,
  wish?: Parameters<typeof withServices>[2],
): Promise<T> =>
  withServices(
    context,
    async (connected) => work(connected, await chooseProject(connected.db, project, hint)),
    wish,
  );
