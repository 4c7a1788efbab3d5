import { fnv1a, slugify } from './names';

/** What tells the lanes of one machine apart. */
export interface LaneIdentity {
  project: string;
  /** Null: the one lane of a sequential session. */
  epic: number | null;
  /** The first of ten ports that no other lane is given; null where all are taken. */
  port: number | null;
  directory: string;
}

const PROJECT_PART = 32;

/**
 * A name part that is the lane's own, for databases, containers and the like: `my_app_epic42`. Lower-case letters,
 * digits and underscores only, which every kind of name takes; at most 48 characters. It does not change when the
 * epic is renamed.
 */
export function laneSlug({ project, epic }: Pick<LaneIdentity, 'project' | 'epic'>): string {
  return `${projectPart(project)}_${epic === null ? 'sequential' : `epic${epic}`}`;
}

/** Where another project could come to the same (`my_app` and `my-app`, or two long names), a hash tells them apart. */
function projectPart(project: string): string {
  const name = slugify(project);
  const own = name === project && name.length <= PROJECT_PART;
  const hash = own ? '' : `-${fnv1a(project)}`;
  const start = name.slice(0, PROJECT_PART - hash.length).replace(/-$/, '');
  return `${start}${hash}`.replaceAll('-', '_');
}

/** The variables by which everything that runs in a lane knows where it is, and keeps out of the way of others. */
export function laneEnvironment(lane: LaneIdentity): Record<string, string> {
  return {
    YOKEFLOW: '1',
    YOKEFLOW_PROJECT: lane.project,
    YOKEFLOW_WORKTREE: lane.directory,
    YOKEFLOW_SLUG: laneSlug(lane),
    ...(lane.epic === null ? {} : { YOKEFLOW_EPIC: String(lane.epic) }),
    ...(lane.port === null ? {} : { YOKEFLOW_PORT: String(lane.port) }),
  };
}
