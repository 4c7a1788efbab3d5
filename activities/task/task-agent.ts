import type { AgentName } from '../../domain/model';

const DEFAULT_AGENT: AgentName = 'claude';

/** The agent of a task: its own, the session's, or the default. */
export const agentNameOf = (
  task: { agent: AgentName | null },
  options: { agent?: AgentName | undefined },
): AgentName => task.agent ?? options.agent ?? DEFAULT_AGENT;

/** For people, with its model: `claude opus`. A script asks none, whatever the session's other agents take. */
export function agentWords(
  task: { agent: AgentName | null; model: string | null },
  options: { agent?: AgentName | undefined; model?: string | undefined },
): string {
  const name = agentNameOf(task, options);
  return [name, name === 'script' ? null : (task.model ?? options.model)].filter(Boolean).join(' ');
}
