import { epicCommits } from '../../db/task-commits';
import { unlanded } from '../../git/commits';
import { landedTips } from '../../git/landing';
import { subjectsAndTrailers } from '../../git/trailers';
import type { ActivityDependencies } from '../dependencies';
import type { Place } from '../place';

/**
 * The message of the commit that lands a lane. A squash takes the place of the tasks' commits on the base branch, so it
 * tells what they tell: their subjects, and a block of trailers for each.
 */
export async function landingMessage(deps: ActivityDependencies, place: Place): Promise<string> {
  const { epic, name, session, options } = place;
  const subject = epic === null ? 'Merge the sequential session' : `Merge epic ${epic}: ${name}`;
  const trailers = [...(epic === null ? [] : [`YokeFlow-Epic: ${epic}`]), `YokeFlow-Session: ${session.id}`];
  if (epic === null || options.mergeStrategy !== 'squash') return `${subject}\n\n${trailers.join('\n')}\n`;
  const tasks = await newTasks(deps, place, epic);
  const body = tasks.length > 0 ? [tasks.map((task) => `* ${task.subject}`).join('\n')] : [];
  const blocks = tasks.map((task) => task.trailers).filter(Boolean);
  return `${[subject, ...body, [...trailers, ...blocks].join('\n')].join('\n\n')}\n`;
}

/** The commits of the epic's tasks that the base branch lacks. */
async function newTasks({ db }: ActivityDependencies, { project, repository }: Place, epic: number) {
  const commits = (await epicCommits(db, { projectId: project.id, epic })).map(({ commit }) => commit);
  const tips = await landedTips(repository, { baseBranch: project.baseBranch });
  const { unlanded: fresh, missing } = await unlanded(repository, commits, tips);
  return subjectsAndTrailers(
    repository,
    commits.filter((commit) => fresh.has(commit) && !missing.has(commit)),
  );
}
