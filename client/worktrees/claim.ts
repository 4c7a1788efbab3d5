import { setTimeout as sleep } from 'node:timers/promises';
import { databaseId, databasePlace } from '../../db/connection/identity';
import type { Queryable } from '../../db/connection/connection';
import { repositoryPlaceOf, type Project } from '../../db/project/projects';
import { AT_WORK_FOR_MS } from '../../domain/session/lease-times';
import {
  newClaim,
  otherHolder,
  requireNotOthers,
  takeOver,
  takeOverCommand,
} from '../../git/repository/claim';
import { openRepository, type Repository } from '../../git/repository/repository';

/** The project's repository, for whoever changes anything in it. @throws RepositoryProblem where it is another database's */
export async function openOurs(project: Project): Promise<Repository> {
  const repository = await openRepository(repositoryPlaceOf(project));
  await requireNotOthers(repository, project);
  return repository;
}

/** For a plan that is imported: its sessions are going to be refused. Null: they are not. */
export async function claimWarning(
  db: Queryable,
  repository: Repository,
  project: string,
): Promise<string | null> {
  const other = await otherHolder(repository, await databaseId(db));
  return (
    other &&
    `${repository.path} holds the work of ${other}: sessions are refused until you take it over, ${takeOverCommand(project)}`
  );
}

interface TakeOver {
  home: string;
  /** Ends the waiting. */
  signal: AbortSignal;
  tell: (line: string) => void;
  /** How long whoever worked there may take to notice, and to end its agents. */
  noticedWithinMs?: number;
}

/** Has the repository hold the work of this database from now on, whoever had it before. */
export async function takeOverRepository(
  db: Queryable,
  project: Project,
  { home, signal, tell, noticedWithinMs = AT_WORK_FOR_MS }: TakeOver,
): Promise<void> {
  const repository = await openRepository(repositoryPlaceOf(project));
  const claim = newClaim(project.databaseId, { home, server: await databasePlace(db) });
  const before = await takeOver(repository, claim);
  if (before === null) return;
  const seconds = Math.round(noticedWithinMs / 1000);
  tell(`taken over from ${before}; waiting ${seconds} s until what ran there has noticed`);
  await sleep(noticedWithinMs, undefined, { signal }).catch(() => undefined);
}
