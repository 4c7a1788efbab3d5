import { pullRequestName } from '../../domain/landing/pull-request';
import { plural } from '../../domain/plural';
import type { FileStat } from '../../git/content/diff-stat';
import type { Hint } from '../text/hint';
import { harmless } from '../text/harmless';
import { outputLines } from '../text/last-lines';
import { title } from '../text/plan-names';
import { purposeOf } from '../text/purpose';
import { cost, duration, firstLine, shortCommit } from '../text/units';
import type { AttemptStory, TaskStory } from './task-story';

/** A task's story for people: tries, cost, what its commit changed, where it landed. */
export function storyText(story: TaskStory, { project, hint }: { project: string; hint: Hint }): string {
  const { task, epicName, attempts, costUnknown } = story;
  const why = task.statusReason ? `: ${firstLine(task.statusReason)}` : '';
  const spent = task.costUsd > 0 || costUnknown ? [`Cost    ${cost(task.costUsd, costUnknown)}`] : [];
  const transcript = hint('transcript', task.number, '--project', project);
  return [
    `T${task.number} ${title(task.description)}: ${task.status}${why}`,
    `Epic ${task.epic} ${title(epicName)}`,
    ...(attempts.length === 0 ? ['Not tried yet.'] : attempts.flatMap(attemptLines)),
    ...spent,
    ...commitLines(story),
    ...(attempts.length > 0 ? [`Turn by turn: ${transcript}`] : []),
  ].join('\n');
}

function attemptLines({ attempt, turns, modelReason, workRef, commits }: AttemptStory): string[] {
  const { number, status, agent, model, sessionId, startedAt, endedAt, costUsd, costUnknown } = attempt;
  const { reason, outputTail } = attempt;
  const took = endedAt === null ? '' : ` after ${duration(Date.parse(endedAt) - Date.parse(startedAt))}`;
  const by = [agent, model].filter((name) => name !== null).join(', ');
  const figures = [
    `by ${harmless(by)}`,
    ...(turns > 0 ? [plural(turns, 'turn')] : []),
    ...(costUsd > 0 || costUnknown ? [cost(costUsd, costUnknown)] : []),
    `session ${sessionId}`,
    ...purposeOf(attempt),
  ];
  const why = reason ? `: ${firstLine(reason)}` : '';
  return [
    `Try ${number}  ${status}${took}, ${figures.join(', ')}${why}`,
    ...(status === 'failed' ? outputLines(outputTail) : []).map((line) => `       | ${line}`),
    ...(modelReason?.startsWith('auto') ? [`       ${firstLine(modelReason)}`] : []),
    ...commits.map(({ commit, subject }) => `       ${shortCommit(commit)} ${title(subject)}`),
    ...(workRef && status !== 'complete' ? [`       its work: git show ${workRef}`] : []),
  ];
}

function commitLines({ task, files, landed, pullRequest, baseBranch }: TaskStory): string[] {
  if (!task.commit) return [];
  const lost = files === null ? ' (the repository does not have it any more)' : '';
  const where = landed
    ? landed.commit === task.commit
      ? `on ${baseBranch} as it is`
      : `on ${baseBranch} with ${shortCommit(landed.commit)} ${title(landed.subject)}`
    : `not on ${baseBranch} yet${pullRequest ? `, ${pullRequestName(pullRequest)}` : ''}`;
  return [
    `Commit  ${task.commit}${lost}`,
    ...(files === null ? [] : statLines(files)),
    `Landed  ${where}${landed ? `, ${landed.date}` : ''}`,
  ];
}

const MOST_FILES = 30;

function statLines(files: readonly FileStat[]): string[] {
  if (files.length === 0) return ['        changes no file'];
  const sum = (kind: 'added' | 'removed') => files.reduce((total, file) => total + (file[kind] ?? 0), 0);
  const more = files.length - MOST_FILES;
  return [
    ...files.slice(0, MOST_FILES).map((file) => `        ${nameOf(file)}  ${changeOf(file)}`),
    ...(more > 0 ? [`        and ${more} more`] : []),
    `        ${plural(files.length, 'file')}, +${sum('added')} -${sum('removed')}`,
  ];
}

const changeOf = ({ added, removed }: FileStat) => (added === null ? 'binary' : `+${added} -${removed}`);

/** On one line: a name may hold a line break. */
const nameOf = ({ path }: FileStat) => harmless(path.replace(/\n/g, '\\n'));
