import { taskCommits } from '../../db/task/task-commits';
import { unlanded } from '../../git/content/commits';
import { landedTips } from '../../git/landing/landing';
import { subjectsAndTrailers, type CommitText } from '../../git/content/trailers';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Place } from '../scope/place';

/**
 * The messages of the commits that land lanes of one session. A squash takes the place of the tasks' commits on the base
 * branch, so it tells what they tell: their subjects, and a block of trailers for each.
 */
export async function landingMessages(deps: ActivityDependencies, places: Place[]): Promise<string[]> {
  const squashed = places.filter(({ epic, options }) => epic !== null && options.mergeStrategy === 'squash');
  const tasks = await newTasks(deps, squashed);
  return places.map((place) => messageOf(place, tasks.get(place.epic) ?? []));
}

function messageOf({ epic, name, session }: Place, tasks: CommitText[]): string {
  const subject = epic === null ? 'Merge the sequential session' : `Merge epic ${epic}: ${name}`;
  const ofSession = `YokeFlow-Session: ${session.id}`;
  const trailers = [...(epic === null ? [] : [`YokeFlow-Epic: ${epic}`]), ofSession];
  const body = tasks.length > 0 ? [tasks.map((task) => `* ${task.subject}`).join('\n')] : [];
  // Which session it was is said once; a task of an earlier one says so itself.
  const blocks = tasks.flatMap((task) =>
    task.trailers.split('\n').filter((line) => line !== ofSession && line),
  );
  return `${[subject, ...body, [...trailers, ...blocks].join('\n')].join('\n\n')}\n`;
}

/** The commits of the epics' tasks that the base branch lacks, by epic. */
async function newTasks(
  { db }: ActivityDependencies,
  places: Place[],
): Promise<Map<number | null, CommitText[]>> {
  const [first] = places;
  if (!first) return new Map();
  const { project, repository } = first;
  const epics = new Set(places.map(({ epic }) => epic));
  const commits = (await taskCommits(db, project.id)).filter(({ epic }) => epics.has(epic));
  const ids = commits.map(({ commit }) => commit);
  const tips = await landedTips(repository, { baseBranch: project.baseBranch });
  const { unlanded: fresh, missing } = await unlanded(repository, ids, tips);
  const told = commits.filter(({ commit }) => fresh.has(commit) && !missing.has(commit));
  const texts = await subjectsAndTrailers(
    repository,
    told.map(({ commit }) => commit),
  );
  const byEpic = new Map<number | null, CommitText[]>();
  for (const [index, { epic }] of told.entries())
    byEpic.set(epic, [...(byEpic.get(epic) ?? []), texts[index]!]);
  return byEpic;
}
