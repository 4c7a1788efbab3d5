import path from 'node:path';
import type { ImportResult } from '../../db/plan/plan-import';
import { loadPlan, type StoredPlan } from '../../db/plan/plan-load';
import { getProject, getProjectById, listProjects, type Project } from '../../db/project/projects';
import { latestSession } from '../../db/session/sessions';
import { sessionSummary, type SessionSummary } from '../../db/session/summary';
import type { Plan } from '../../domain/plan/plan';
import { describePlanErrors } from '../../domain/plan/plan-error';
import { checkPlanValue } from '../../domain/plan/plan-value';
import type { RunInput } from '../../domain/session/run-input';
import { ensureServices, peekServices } from '../../services';
import { withConnected, type Connected } from '../cli/connect';
import { UsageError } from '../cli/exit';
import { hintFor } from '../text/hint';
import { announceTo } from '../plan/announce-plan';
import { importInto, type PlanPlace } from '../plan/import-plan';
import { readPlan } from '../plan/plan-file';
import { findOpenWorkflow, startSession } from '../session/session';
import { graphOf } from '../plan/stored-graph';
import { codingSession, type CodingSession } from './coding-session';
import { requireKnown } from './known-options';
import { refusingMisuse } from './misuse';

export interface ConnectOptions {
  /** Where PostgreSQL and Temporal are, as for the `yokeflow` command; default: `process.env`. */
  env?: NodeJS.ProcessEnv;
  /** Whether to start a worker in the background where none runs; default: true. */
  worker?: boolean;
  /** One line for each step when services have to be started, and for what a session that is open says to an import. */
  onNotice?: (line: string) => void;
}

/** A project by its name, or by the id that `importPlan` returned. */
export type ProjectId = string | number;

/** A connection to YokeFlow's services. Every method throws `UsageError`, in one line, for what a person has to change. */
export interface Yokeflow {
  projects(): Promise<Project[]>;
  /** The epics and tasks of a project, and how they stand. */
  plan(project: ProjectId): Promise<StoredPlan>;
  /** The tasks of each batch, in order. */
  batches(project: ProjectId): Promise<number[][]>;
  /** Reads a plan, or a file with one, into the database, again after every change, and tells the session that is open. */
  importPlan(plan: Plan | string, place?: PlanPlace): Promise<ImportResult>;
  /** Starts a session, or finds the one that is open: then `started` is false. */
  start(input: RunInput): Promise<CodingSession>;
  /** The session that is open, or null. */
  open(project: ProjectId): Promise<CodingSession | null>;
  /** The latest session, open or not, and how its plan stands; null before the first one. */
  latest(project: ProjectId): Promise<SessionSummary | null>;
}

/** Runs `work` with a connection that is closed whatever happens. Services that are ours are started if need be. */
export async function withYokeflow<T>(
  options: ConnectOptions,
  work: (yokeflow: Yokeflow) => Promise<T>,
): Promise<T> {
  requireKnown(options, ['env', 'worker', 'onNotice']);
  const { env = process.env, worker = true, onNotice = () => undefined } = options;
  const endpoints = await refusingMisuse(ensureServices)({ env, worker, onProgress: onNotice });
  return withConnected(endpoints, (connected) => work(yokeflowOver(connected, { env, onNotice })), {
    findNow: () => peekServices(env),
  });
}

function yokeflowOver(
  connected: Connected,
  { env, onNotice }: Required<Pick<ConnectOptions, 'env' | 'onNotice'>>,
): Yokeflow {
  const { db } = connected;
  const hint = hintFor(env);
  const find = (id: ProjectId) => (typeof id === 'number' ? getProjectById(db, id) : getProject(db, id));
  return {
    projects: () => listProjects(db),
    plan: refusingMisuse(async (project: ProjectId) => loadPlan(db, (await find(project)).id)),
    batches: refusingMisuse(
      async (project: ProjectId) => graphOf(await loadPlan(db, (await find(project)).id)).resolution.batches,
    ),
    importPlan: refusingMisuse(async (planOrFile: Plan | string, place: PlanPlace = {}) => {
      requireKnown(place, ['repository', 'baseBranch']);
      const { repository, baseBranch } = place;
      const plan =
        typeof planOrFile === 'string' ? await readPlan(planOrFile, planOrFile) : checked(planOrFile);
      const at = repository === undefined ? undefined : path.resolve(repository);
      const imported = await importInto(db, plan, { repository: at, baseBranch });
      const { temporal } = connected.endpoints;
      if (imported.openSession !== null)
        onNotice(await announceTo(imported.openSession, db, temporal, plan.project, hint));
      return imported;
    }),
    start: refusingMisuse(async (input: RunInput) =>
      codingSession(connected, await startSession(connected, input), hint),
    ),
    open: refusingMisuse(async (project: ProjectId) => {
      const session = await findOpenWorkflow(connected.client, (await find(project)).name);
      return session && codingSession(connected, { ...session, started: false }, hint);
    }),
    latest: refusingMisuse(async (project: ProjectId) => {
      const session = await latestSession(db, (await find(project)).name);
      return session && sessionSummary(db, session.id);
    }),
  };
}

function checked(plan: Plan): Plan {
  const result = checkPlanValue(plan);
  if (!result.ok) throw new UsageError(describePlanErrors(result.errors, 'the plan'));
  return result.plan;
}
