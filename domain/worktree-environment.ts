import { laneEnvironment, type LaneIdentity } from './lane-environment';

/** The variable that holds the program by which everything in a worktree is started, if there is one. */
export const SANDBOX = 'YOKEFLOW_SANDBOX';

/** What of the worker's environment an agent may see: where programs are and how text is written, and the way out. */
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
  SANDBOX,
];

/** The way out of a company's network, for package managers and for the agents' own calls. */
const WAY_OUT = /^((https?|all|no)_proxy|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS)$/i;

/** A proxy with a login in its address is a secret. */
const isWayOut = ([name, value]: [string, string | undefined]): boolean =>
  WAY_OUT.test(name) && value !== undefined && !value.includes('@');

const SETTINGS = [
  // Nobody is there to type a passphrase.
  'commit.gpgSign=false',
  'tag.gpgSign=false',
  // Git cleans up in the background, for minutes in a large repository: that would end with the try, and leave locks and
  // half-written packs in the user's.
  'gc.auto=0',
  'maintenance.auto=false',
];

const parentOf = (path: string): string => path.replace(/[/\\][^/\\]*$/, '');

export interface WorktreePlace extends LaneIdentity {
  task: number | null;
  identity: { name: string; email: string };
}

/**
 * The environment of everything that runs in a worktree: agents, `setup`, `verify` and `cleanup`. Built from nothing, so
 * that no key, database URL or token of the worker gets in.
 */
export function worktreeEnvironment(from: NodeJS.ProcessEnv, place: WorktreePlace): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of PASSED) {
    const value = from[name];
    if (value !== undefined) environment[name] = value;
  }
  return {
    ...environment,
    ...(Object.fromEntries(Object.entries(from).filter(isWayOut)) as Record<string, string>),
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: ':',
    // Not by GIT_CONFIG_KEY_0: agents take away what is called a key.
    GIT_CONFIG_PARAMETERS: SETTINGS.map((setting) => `'${setting}'`).join(' '),
    // Where an agent has deleted `.git`, git would go on with the user's own checkout, which the worktree is in.
    GIT_CEILING_DIRECTORIES: parentOf(place.directory),
    GIT_AUTHOR_NAME: place.identity.name,
    GIT_AUTHOR_EMAIL: place.identity.email,
    GIT_COMMITTER_NAME: place.identity.name,
    GIT_COMMITTER_EMAIL: place.identity.email,
    ...laneEnvironment(place),
    ...(place.task === null ? {} : { YOKEFLOW_TASK: String(place.task) }),
  };
}
