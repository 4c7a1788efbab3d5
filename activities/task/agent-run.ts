import type { AgentOutcome, AgentPrompt, AgentRequest, Transcript } from '../../agents/contract/agent';
import { patiently } from '../../agents/contract/patience';
import { finishAgent } from '../../db/task/attempt-progress';
import { showProgress } from '../scope/activity-scope';
import type { ActivityDependencies } from '../scope/dependencies';
import { withAgentTime } from './agent-time';
import { purseOf } from './budget';
import { outputKeeper } from './output-files';
import { promptFor } from './prompt';
import { environmentOf } from '../worktree/environment';
import { commandTimeoutMs } from '../scope/time-limit';
import { transcriptOf } from './transcript';
import type { TryScope } from '../scope/try-scope';

/** Hands a try to its agent, with everything that the agent may know and use. The prompt is the task's, if not given. */
export async function runAgent(
  deps: ActivityDependencies,
  scope: TryScope,
  prompt?: AgentPrompt,
): Promise<AgentOutcome> {
  const { place, input, task, lease, agent, attempt } = scope;
  const title = task.description.slice(0, 40);
  const transcript = transcriptOf(deps, scope);
  if (attempt.model) {
    const payload = { model: attempt.model, reason: scope.modelReason };
    await transcript.record({ n: 0, kind: 'note', toolUseId: 'model', payload });
  }
  const onActivity = (line: string) =>
    showProgress({ task: input.task, title, model: attempt.model, last: deps.redact(line).slice(0, 200) });
  const request: Omit<AgentRequest, 'spentMs' | 'transcript'> = {
    task: input.task,
    action: task.action,
    prompt: prompt ?? (await promptFor(deps, scope)),
    directory: place.worktree.path,
    model: attempt.model,
    environment: environmentOf(deps, place, input.task),
    timeoutMs: commandTimeoutMs(place.options),
    signal: lease.signal,
    ...purseOf(deps, scope, () => onActivity('waits for what other agents leave of the budget')),
    onActivity,
    keepOutput: outputKeeper(deps, attempt),
    onProcess: (leader) => lease.onProcess(leader),
    afterProcess: (leader) => lease.afterProcess(leader),
  };
  return withAgentTime(deps.db, scope, (spentMs, worked) =>
    agent.run({ ...request, spentMs, transcript: telling(transcript, worked) }),
  );
}

/** Tells of what the agent and its tools do; notes are of what went wrong. */
const telling = (transcript: Transcript, worked: () => void): Transcript => ({
  ...transcript,
  async record(entry) {
    await transcript.record(entry);
    if (entry.kind !== 'note') worked();
  },
});

/**
 * Puts on record that the agent is done: an agent without a record of its own would be run, and paid, again. Returns when
 * it ended.
 */
export function recordDone(
  { db, redact }: ActivityDependencies,
  { attempt, lease }: Pick<TryScope, 'attempt' | 'lease'>,
  output: string,
): Promise<string> {
  const end = { outcome: 'done', outputTail: redact(output) };
  return patiently(
    () => finishAgent(db, { attemptId: attempt.id, token: lease.token, ...end }),
    lease.signal,
  );
}
