import type { AgentOutcome } from '../agents/agent';
import { showProgress } from './activity-scope';
import type { ActivityDependencies } from './dependencies';
import { budgetOf } from './budget';
import { promptFor } from './prompt';
import { environmentOf } from './setup';
import { commandTimeoutMs } from './time-limit';
import { transcriptOf } from './transcript';
import type { TryScope } from './try-scope';

/** Hands a try to its agent, with everything that the agent may know and use. */
export async function runAgent(deps: ActivityDependencies, scope: TryScope): Promise<AgentOutcome> {
  const { place, input, task, lease, agent, attempt } = scope;
  const title = task.description.slice(0, 40);
  const transcript = transcriptOf(deps, scope);
  if (attempt.model) {
    const payload = { model: attempt.model, reason: scope.modelReason };
    await transcript.record({ n: 0, kind: 'note', toolUseId: 'model', payload });
  }
  return agent.run({
    task: input.task,
    action: task.action,
    prompt: await promptFor(deps, scope),
    directory: place.worktree.path,
    model: attempt.model,
    environment: environmentOf(deps, place, input.task),
    timeoutMs: commandTimeoutMs(place.options),
    signal: lease.signal,
    transcript,
    budget: () => budgetOf(deps, scope),
    onActivity: (line) => showProgress({ task: input.task, title, last: deps.redact(line).slice(0, 200) }),
    onProcess: (process) => lease.onProcess(process),
    afterProcess: (process) => lease.afterProcess(process),
  });
}
