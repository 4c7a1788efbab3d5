import { AgentError } from '../contract/agent-error';
import { accessFrom, type Access } from '../provider/access';

/**
 * What the `claude` agent needs from the environment, to be asked for before anything is started.
 *
 * @throws AgentError `AgentUnavailable`, one line that says how to set the key and which agent needs none.
 */
export function requireClaude(environment: NodeJS.ProcessEnv): Access {
  const found = accessFrom(environment, 'the agent "claude"');
  if ('access' in found) return found.access;
  throw new AgentError(
    'AgentUnavailable',
    `${found.problem}, or choose an agent that needs no key: --agent script`,
  );
}
