import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentPrompt } from '../agents/agent';
import { listAttempts } from '../db/attempts';
import { dependencyCommits, getTask } from '../db/tasks';
import { systemPrompt, taskPrompt } from '../domain/prompt';
import type { ActivityDependencies } from './dependencies';
import type { TryScope } from './try-scope';

/** The project's own rules for agents, in the order in which they are looked for. */
const RULE_FILES = ['AGENTS.md', 'CLAUDE.md'];
const MAX_RULES = 40_000;

export async function promptFor(deps: ActivityDependencies, scope: TryScope): Promise<AgentPrompt> {
  const { place, task, attempt, input } = scope;
  const { project, options, branch, name, epic } = place;
  const needed = await dependencyCommits(deps.db, task.id);
  const dependencies = await Promise.all(
    needed.map(async ({ task: number, commit }) => {
      const { description } = await getTask(deps.db, { projectId: project.id, task: number });
      return { task: number, description, commit };
    }),
  );
  const earlier = (await listAttempts(deps.db, task.id)).filter(({ number }) => number < attempt.number);
  const last = earlier.filter(({ status }) => status === 'failed').at(-1);
  return {
    system: systemPrompt({ project: project.name, rules: await ownRules(place.worktree.path) }),
    task: taskPrompt({
      task: { number: input.task, description: task.description, action: task.action },
      epic: epic === null ? null : { number: epic, name },
      branch,
      dependencies,
      verify: task.verify ?? options.verify ?? project.verify,
      lastFailure: last
        ? { attempt: last.number, reason: last.reason ?? '', output: last.outputTail ?? '' }
        : null,
      instructions: task.retryInstructions,
    }),
  };
}

async function ownRules(directory: string): Promise<string | null> {
  for (const file of RULE_FILES) {
    const text = await readFile(join(directory, file), 'utf8').catch(() => null);
    if (text?.trim()) return text.slice(0, MAX_RULES);
  }
  return null;
}
