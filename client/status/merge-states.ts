import { baseKeepsMoving } from '../../db/landing/base-moves';
import type { Queryable } from '../../db/connection/connection';
import { repositoryPlaceOf, getProjectById, type Project } from '../../db/project/projects';
import type { SessionSummary, WorktreeSummary } from '../../db/session/summary';
import { unlanded as outsideOf } from '../../git/content/commits';
import { landedTips } from '../../git/landing/landing';
import { conflictState, filesWithMarkers, type ConflictState } from '../../git/worktree/conflict';
import { unmergedFiles, type UnmergedFile } from '../../git/worktree/unmerged';
import { integrationRef } from '../../git/landing/integration';
import { openRepository, type Repository } from '../../git/repository/repository';
import { exists } from '../../git/repository/exists';
import type { Unlanded } from './unlanded';

/** How far somebody has come with what keeps an epic from landing. */
export interface MergeState extends ConflictState {
  /** Of the files that conflicted, those that hold a conflict marker. */
  marked: string[];
  /** What each side has of the files whose conflict is not resolved. */
  open: UnmergedFile[];
  /** The worktree is no longer there. */
  gone: boolean;
}

/** What git says that the database does not: advice has to fit what is there now. */
export interface World {
  /** What an epic lands on, as git understands it. */
  onto: string;
  /** By epic, null for the sequential worktree; of those that nobody could look at there is none. */
  states: ReadonlyMap<number | null, MergeState>;
  /** Why a landing that goes on does not come to its end. */
  moving: string | null;
  unlanded: Unlanded;
}

export const UNSEEN: World = { onto: 'main', states: new Map(), moving: null, unlanded: null };

const isStuck = (worktree: WorktreeSummary | null): boolean =>
  worktree?.status === 'conflict' || worktree?.status === 'blocked';

/** Looks at the worktrees of what does not land, where they are on this machine. */
export async function lookAtMerges(db: Queryable, summary: SessionSummary): Promise<World> {
  const { session, epics, sequentialWorktree } = summary;
  const project = await getProjectById(db, session.projectId);
  const squash = session.options.mergeStrategy === 'squash';
  const onto = squash ? integrationRef(project.baseBranch) : project.baseBranch;
  const worktrees = [
    ...epics.map(({ number, worktree }) => ({ epic: number, worktree })),
    { epic: null, worktree: sequentialWorktree },
  ].filter(({ worktree }) => isStuck(worktree));
  const states = new Map<number | null, MergeState>();
  const repository = worktrees.length
    ? await openRepository(repositoryPlaceOf(project)).catch(() => null)
    : null;
  const moving = session.endedAt === null ? await baseKeepsMoving(db, session.id) : null;
  if (!repository) return { onto, states, moving, unlanded: null };
  for (const { epic, worktree } of worktrees) {
    const state = await stateOf(repository, worktree!).catch(() => null);
    if (state) states.set(epic, state);
  }
  if (!isStuck(sequentialWorktree)) return { onto, states, moving, unlanded: null };
  return { onto, states, moving, unlanded: await unlandedOf(repository, project, epics).catch(() => null) };
}

async function unlandedOf(
  repository: Repository,
  project: Project,
  epics: SessionSummary['epics'],
): Promise<Unlanded> {
  const commits = epics.flatMap(({ tasks }) => tasks.flatMap(({ commit }) => commit ?? []));
  return (await outsideOf(repository, commits, await landedTips(repository, project))).unlanded;
}

async function stateOf(repository: Repository, { path, conflict }: WorktreeSummary): Promise<MergeState> {
  if (!(await exists(path)))
    return { merging: false, unmerged: [], dirty: false, marked: [], open: [], gone: true };
  const state = await conflictState(repository, path);
  const files = conflict?.files.map((file) => file.path) ?? [];
  const open = state.unmerged.length ? await unmergedFiles(repository, path) : [];
  return { ...state, marked: await filesWithMarkers(path, files), open, gone: false };
}
