import type { TaskStory } from './task-story';

/** A task's story for programs. `costUnknown`: some of it could not be priced, the cost is more than `costUsd`. */
export function storyJson({ task, epicName, attempts, costUnknown, files, landed, pullRequest }: TaskStory) {
  const { number, description, epic, status, statusReason, commit, baseCommit, costUsd, durationMs } = task;
  return {
    task: number,
    description,
    epic,
    epicName,
    status,
    reason: statusReason,
    durationMs,
    costUsd,
    costUnknown,
    attempts: attempts.map(({ attempt, turns, modelReason, workRef, commits }) => ({
      attempt: attempt.number,
      purpose: attempt.purpose,
      status: attempt.status,
      session: attempt.sessionId,
      agent: attempt.agent,
      model: attempt.model,
      modelReason,
      startedAt: attempt.startedAt,
      endedAt: attempt.endedAt,
      turns,
      costUsd: attempt.costUsd,
      costUnknown: attempt.costUnknown,
      reason: attempt.reason,
      workRef,
      commits,
    })),
    commit,
    baseCommit,
    files,
    landed,
    pullRequest,
  };
}
