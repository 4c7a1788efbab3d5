import { chooseModel, resolveModel, strongerModel } from '../../domain/cost/models';
import type { RunOptions } from '../../domain/session/run-input';
import type { AgentName } from '../../domain/model';
import type { StoredTask } from '../../db/task/stored-task';

/** Agents that talk to Anthropic's models, and the alias that they use when nobody names one. */
const DEFAULT_MODEL: Partial<Record<AgentName, string>> = { claude: 'sonnet', 'claude-code': 'sonnet' };

export interface ModelChoice {
  /** A full model id, or null for the agent's own default. */
  model: string | null;
  reason: string;
}

/**
 * The model of a new attempt: a retry's, the task's, the session's, or the agent's default. `auto` goes by the task, and one
 * step up for each attempt that failed before.
 */
export async function modelFor(
  agent: AgentName,
  task: StoredTask,
  options: RunOptions,
  countFailed: () => Promise<number>,
): Promise<ModelChoice> {
  const asked = task.retryModel ?? task.model ?? options.model ?? DEFAULT_MODEL[agent];
  if (asked === undefined) return { model: null, reason: 'the default of the agent' };
  if (asked !== 'auto') return { model: resolveModel(asked), reason: sourceOf(task) };
  const { description, action } = task;
  const first = chooseModel({ description, action, dependencies: task.dependsOn.length });
  const failedBefore = await countFailed();
  let { model } = first;
  for (let step = 0; step < failedBefore; step++) model = strongerModel(model);
  const stepped =
    model === first.model
      ? ''
      : `; stronger after ${failedBefore} failed ${failedBefore === 1 ? 'attempt' : 'attempts'}`;
  return { model, reason: `auto: ${first.reason}${stepped}` };
}

function sourceOf({ retryModel, model }: StoredTask): string {
  if (retryModel) return 'asked for with the retry';
  return model ? 'named by the task' : 'as asked';
}
