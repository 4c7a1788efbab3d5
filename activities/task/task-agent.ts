import type { AgentName } from '../../domain/model';

const DEFAULT_AGENT: AgentName = 'claude';

/** The agent of a task: its own, the session's, or the default. */
export const agentNameOf = (
  task: { agent: AgentName | null },
  options: { agent?: AgentName | undefined },
): AgentName => task.agent ?? options.agent ?? DEFAULT_AGENT;
