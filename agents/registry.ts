import { AGENTS, type AgentName } from '../domain/model';
import type { Agent } from './contract/agent';
import { AgentError } from './contract/agent-error';
import type { AgentSettings } from './contract/agent-settings';
import { claudeCodeFromEnvironment } from './claude-code/from-environment';
import { createClaudeAgent } from './claude/claude-agent';
import { requireClaude } from './claude/require-claude';
import { codexFromEnvironment } from './codex/from-environment';
import { createCommandAgent, requireCommand } from './cli/command';
import { requireSandbox } from './process/sandbox';
import { createScriptAgent } from './script';

/** The agents of a worker. Which of them can run depends on what is installed and which keys there are. */
export interface AgentRegistry {
  /** @throws AgentError `AgentUnavailable`: why it cannot run here, and what to do, in one line. */
  find(name: AgentName): Promise<Agent>;
}

type Factory = (settings: AgentSettings) => Agent | Promise<Agent>;

const FACTORIES: Partial<Record<AgentName, Factory>> = {
  script: ({ redact }) => createScriptAgent(redact),
  claude: ({ environment, redact, withhold = redact }) =>
    createClaudeAgent({ ...requireClaude(environment), redact, withhold }),
  'claude-code': claudeCodeFromEnvironment,
  codex: codexFromEnvironment,
  command: ({ environment, redact }) => createCommandAgent({ command: requireCommand(environment), redact }),
};

export function createAgents(settings: AgentSettings): AgentRegistry {
  return {
    async find(name) {
      await requireSandbox(settings.environment);
      const factory = FACTORIES[name];
      if (factory) return factory(settings);
      const known = AGENTS.filter((agent) => FACTORIES[agent]).join(', ');
      throw new AgentError('AgentUnavailable', `the agent "${name}" cannot run here; choose one of ${known}`);
    },
  };
}
