import { ApplicationFailure } from '@temporalio/common';
import { isFinished } from '../../domain/model';
import { listEpics, loadSchedule } from '../../db/plan/plan-load';
import { findProject, repositoryPlaceOf, type Project } from '../../db/project/projects';
import { closeSession } from '../../db/session/session-close';
import { openSession as storeSession } from '../../db/session/session-open';
import { findSessionOfRun } from '../../db/session/sessions';
import { commandOf } from '../../domain/session/shell-command';
import type { RunOptions } from '../../domain/session/run-input';
import { commitOf } from '../../git/content/commits';
import { branchRef } from '../../git/refs/refs';
import { repairLanding } from '../../git/landing/landing';
import {
  openRepository,
  RepositoryAway,
  RepositoryProblem,
  requireWritable,
  type Repository,
} from '../../git/repository/repository';
import { followMove } from '../../git/worktree/moved';
import { filesNotFetched } from '../../git/repository/partial-clone';
import { commandsToMoveShared } from '../../git/repository/shared-work-tree';
import { adoptFinished } from './adopt-finished';
import type { OpenedSession, OpenSessionInput } from '../scope/contract';
import type { ActivityDependencies } from '../scope/dependencies';
import { fail, translate } from '../scope/failure';
import { removeOldOutputs } from '../task/output-files';
import { claim } from '../scope/claim';
import { openSite, type Site } from '../scope/place';
import { lookAtPullRequests, requirePullRequests, settlePullRequests } from './pull-requests';
import { knowsSearchAttributes } from './search-attributes';
import { agentNameOf } from '../task/task-agent';
import { loadPage } from './load-plan';
import { PAGE } from './task-page';
import { findUnlanded } from './unlanded';
import { watchBase } from '../worktree/watch-base';
import { underRepositoryLock } from '../scope/under-repository-lock';

/** Checks everything that can be checked before work starts, then opens the session's row. */
export async function openSession(
  deps: ActivityDependencies,
  input: OpenSessionInput,
): Promise<OpenedSession> {
  try {
    return await checkAndOpen(deps, input);
  } catch (error) {
    await closeRefused(deps, input, error);
    throw error;
  }
}

/** An earlier try may have opened the row of a session that is refused now; its workflow does not know of it. */
async function closeRefused(
  { db, redact }: ActivityDependencies,
  { sessionId, workflowId, runId }: OpenSessionInput,
  error: unknown,
): Promise<void> {
  const failure = translate(error, redact);
  if (sessionId !== undefined || !(failure instanceof ApplicationFailure) || !failure.nonRetryable) return;
  const row = await findSessionOfRun(db, workflowId, runId);
  if (row) await closeSession(db, { sessionId: row.id, status: 'failed', reason: failure.message });
}

async function checkAndOpen(deps: ActivityDependencies, input: OpenSessionInput): Promise<OpenedSession> {
  const project = await requireProject(deps, input.options.project);
  const repository = await requireRepository(project, input);
  await requireBase(repository, project);
  if (input.sessionId === undefined) {
    await requireOwnWorkTrees(repository);
    await requireFiles(repository, project);
    // What the plan had when the session began it may have lost since.
    await requireEpics(deps, project, input.options);
    if (input.options.pullRequests) await requirePullRequests(deps, project, repository);
  }
  const site = await siteOf(deps, input, { project, repository });
  const looked = await lookAtPullRequests(deps, site);
  const lanes = await underRepositoryLock(deps.db, site, async (held) => {
    await followMove(held.repository);
    await repairLanding(held.repository, { baseBranch: project.baseBranch });
    await watchBase(deps, held);
    await adoptFinished(deps, held);
    return findUnlanded(deps, held, await settlePullRequests(deps, held, looked));
  });
  return {
    sessionId: site.session.id,
    baseBranch: project.baseBranch,
    costUsd: site.session.totalCostUsd,
    lanes,
    page: await loadPage(deps, site, 0),
    budgetUsd: site.options.budgetUsd ?? null,
    searchAttributes: await knowsSearchAttributes(),
  };
}

async function siteOf(
  deps: ActivityDependencies,
  input: OpenSessionInput,
  { project, repository }: Pick<Site, 'project' | 'repository'>,
): Promise<Site> {
  const { options, workflowId, runId } = input;
  if (input.sessionId === undefined) {
    await refuseMissingAgents(deps, project, options);
    await claim(deps, { project, repository });
    await removeOldOutputs(deps.outputs);
  }
  const session = await storeSession(deps.db, {
    projectId: project.id,
    workflowId,
    runId,
    options: { ...options },
  });
  return openSite(deps.db, session.id);
}

async function requireProject(deps: ActivityDependencies, name: string): Promise<Project> {
  const project = await findProject(deps.db, name);
  if (project) return project;
  throw fail(
    'InvalidInput',
    `project: "${name}" is not known; import its plan first: yokeflow plan import FILE --repo PATH`,
  );
}

/** A session does not begin without its repository; one that has begun waits until it is back. */
async function requireRepository(project: Project, { sessionId }: OpenSessionInput): Promise<Repository> {
  try {
    const repository = await openRepository(repositoryPlaceOf(project));
    await requireWritable(repository);
    return repository;
  } catch (error) {
    if (!(error instanceof RepositoryProblem)) throw error;
    throw sessionId === undefined
      ? fail('RepositoryUnusable', error.message)
      : new RepositoryAway(error.message);
  }
}

async function requireBase(repository: Repository, { baseBranch }: Project): Promise<void> {
  if (await commitOf(repository, branchRef(baseBranch))) return;
  throw fail(
    'RepositoryUnusable',
    `${repository.path} has no branch ${baseBranch} any more: create it, or import the plan again`,
  );
}

async function requireOwnWorkTrees(repository: Repository): Promise<void> {
  const commands = await commandsToMoveShared(repository);
  if (!commands) return;
  throw fail(
    'RepositoryUnusable',
    `by extensions.worktreeConfig and what else is in ${repository.gitDir}/config, git in any worktree works on the checkout itself, ` +
      `or not at all; move that setting to where only the checkout has it: ${commands}`,
  );
}

/** A worktree holds every file, also where the user's own checkout is sparse. */
async function requireFiles(repository: Repository, { baseBranch }: Project): Promise<void> {
  const missing = await filesNotFetched(repository, branchRef(baseBranch));
  if (missing === 0) return;
  const fetch = commandOf(['git', '-C', repository.path, 'fetch', '--refetch', '--no-filter']);
  throw fail(
    'RepositoryUnusable',
    `${missing === 1 ? `1 file of ${baseBranch} is` : `${missing} files of ${baseBranch} are`} not in ${repository.path}, ` +
      `a partial clone, and nothing is downloaded for worktrees, which hold all files: ${fetch}`,
  );
}

async function requireEpics(
  deps: ActivityDependencies,
  project: Project,
  { epics }: RunOptions,
): Promise<void> {
  const known = (await listEpics(deps.db, project.id)).map((epic) => epic.number);
  const unknown = epics?.find((epic) => !known.includes(epic));
  if (unknown === undefined) return;
  throw fail(
    'InvalidInput',
    `epics: ${project.name} has no epic ${unknown}; it has ${known.slice(0, 20).join(', ')}`,
  );
}

/** Before anything is written: a session whose agent cannot run here would only fail task by task. */
async function refuseMissingAgents(
  deps: ActivityDependencies,
  project: Project,
  options: RunOptions,
): Promise<void> {
  for (let after: number | null = 0; after !== null;) {
    const rows = await loadSchedule(deps.db, project.id, { after, limit: PAGE });
    const todo = rows.filter(({ status }) => !isFinished(status));
    for (const name of new Set(todo.map((row) => agentNameOf(row, options)))) await deps.agents.find(name);
    after = rows.length === PAGE ? rows.at(-1)!.task : null;
  }
}
