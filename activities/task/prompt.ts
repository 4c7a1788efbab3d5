import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { AgentPrompt } from '../../agents/contract/agent';
import { fileBeginning } from '../../agents/process/file-beginning';
import { listAttempts, type Attempt } from '../../db/task/attempts';
import { dependencyCommits } from '../../db/task/tasks';
import { systemPrompt, taskPrompt, type Failure } from '../../domain/task/prompt';
import { commitOf } from '../../git/content/commits';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Place } from '../scope/place';
import type { TryScope } from '../scope/try-scope';
import { wipRef } from '../worktree/keep-work';

/** The project's own rules for agents, in the order in which they are looked for. */
const RULE_FILES = ['AGENTS.md', 'CLAUDE.md'];
/** Bytes. */
const MAX_RULES = 40_000;

export async function promptFor(deps: ActivityDependencies, scope: TryScope): Promise<AgentPrompt> {
  const { place, task, attempt, input } = scope;
  const { project, options, branch, name, epic } = place;
  const needed = await dependencyCommits(deps.db, task.id);
  const dependencies = needed.map(({ task: number, description, commit }) => ({
    task: number,
    description,
    commit,
  }));
  const attempts = attempt.number > 1 ? await listAttempts(deps.db, task.id) : [];
  const failed = attempts.filter(
    ({ number, purpose, status }) => number < attempt.number && purpose === 'task' && status === 'failed',
  );
  const last = failed.pop();
  return {
    system: systemPrompt({ project: project.name, rules: await ownRules(place.worktree.path) }),
    task: taskPrompt({
      task: { number: input.task, description: task.description, action: task.action },
      epic: epic === null ? null : { number: epic, name },
      branch,
      dependencies,
      setup: project.setup,
      verify: task.verify ?? options.verify ?? project.verify,
      minutes: options.taskTimeoutMinutes,
      lastFailure: await failureOf(place, last),
      earlierFailures: failed.map(({ number, reason }) => ({ attempt: number, reason: reason ?? '' })),
      instructions: task.retryInstructions,
    }),
  };
}

/** What the prompt of the next try says of one that failed. */
export const lastFailureOf = (last: Attempt | undefined): Omit<Failure, 'kept'> | null =>
  last ? { attempt: last.number, reason: last.reason ?? '', output: last.outputTail ?? '' } : null;

async function failureOf({ repository }: Place, last: Attempt | undefined): Promise<Failure | null> {
  const told = lastFailureOf(last);
  if (!last || !told) return null;
  const { baseCommit: base } = last;
  const ref = wipRef(last);
  return { ...told, kept: base !== null && (await commitOf(repository, ref)) ? { ref, base } : null };
}

export async function ownRules(directory: string): Promise<string | null> {
  for (const file of RULE_FILES) {
    const text = await beginningOf(directory, file).catch(() => null);
    if (text?.trim()) return text;
  }
  return null;
}

/**
 * Of a regular file within the worktree only. One of the names may be a link to the other; a link that leads out could
 * bring any file of this machine into the prompt, and a pipe or a device would never end.
 */
async function beginningOf(directory: string, file: string): Promise<string | null> {
  const path = await realpath(join(directory, file));
  const within = relative(await realpath(directory), path);
  if (within.split(sep)[0] === '..' || isAbsolute(within) || !(await stat(path)).isFile()) return null;
  return (await fileBeginning(path, MAX_RULES)).toString('utf8');
}
