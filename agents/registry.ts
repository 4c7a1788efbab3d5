import { AGENTS, type AgentName } from '../domain/model';
import type { Agent } from './contract/agent';
import { AgentError } from './contract/agent-error';
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

export interface AgentSettings {
  /** The worker's own environment: keys are read from it, and never passed on. */
  environment: NodeJS.ProcessEnv;
  redact: (text: string) => string;
  /** Takes out of text what no model may see: what is known to be secret, not what only looks like it. */
  withhold?: (text: string) => string;
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
