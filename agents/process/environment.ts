import { laneEnvironment, type LaneIdentity } from '../../domain/lane-environment';

/** What of the worker's environment an agent may see: where programs are and how text is written, no more. */
const PASSED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TMPDIR',
  'TERM',
];

export interface AgentPlace extends LaneIdentity {
  task: number | null;
  identity: { name: string; email: string };
}

/**
 * The environment of everything that runs in a worktree: agents, `setup` and `verify`. Built from nothing, so
 * that no key, database URL or token of the worker gets in.
 */
export function agentEnvironment(from: NodeJS.ProcessEnv, place: AgentPlace): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of PASSED) {
    const value = from[name];
    if (value !== undefined) environment[name] = value;
  }
  return {
    ...environment,
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: ':',
    GIT_AUTHOR_NAME: place.identity.name,
    GIT_AUTHOR_EMAIL: place.identity.email,
    GIT_COMMITTER_NAME: place.identity.name,
    GIT_COMMITTER_EMAIL: place.identity.email,
    ...laneEnvironment(place),
    ...(place.task === null ? {} : { YOKEFLOW_TASK: String(place.task) }),
  };
}
