import { nameOf, ownIdentity } from '../../processes/identity';

export type Setting = [key: string, value: string];

/** Says which process started a git process, so that a later one can tell an orphan by looking: see git-processes.ts. */
export const OWNER_VARIABLE = 'YOKEFLOW_GIT_OWNER';

/** Settings that make git predictable, and deaf to programs that a repository's configuration names. */
const SETTINGS: Setting[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['commit.gpgSign', 'false'],
  ['tag.gpgSign', 'false'],
  ['merge.verifySignatures', 'false'],
  ['log.showSignature', 'false'],
  ['credential.helper', ''],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['submodule.recurse', 'false'],
  ['merge.autoStash', 'false'],
  ['rerere.enabled', 'false'],
  ['color.ui', 'false'],
  ['diff.external', ''],
  // The next ones decide whether git notices a change, or refuses a file for its line endings.
  ['core.trustctime', 'true'],
  ['core.checkStat', 'default'],
  ['core.ignoreStat', 'false'],
  ['core.safecrlf', 'false'],
  ['core.splitIndex', 'false'],
  ['core.untrackedCache', 'false'],
  // A commit's id must not depend on it.
  ['i18n.commitEncoding', 'UTF-8'],
  ['i18n.logOutputEncoding', 'UTF-8'],
  // Our own trailers are read by it.
  ['trailer.separators', ':'],
  // Git for Windows stops at 260 characters without it.
  ['core.longPaths', 'true'],
  ['advice.addEmbeddedRepo', 'false'],
];

/** As GIT_CONFIG_*, not `-c`: a name that holds `=` would let `-c filter.a=b.clean=` set something else. */
function settingVariables(settings: Setting[]): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) };
  settings.forEach(([key, value], index) => {
    variables[`GIT_CONFIG_KEY_${index}`] = key;
    variables[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return variables;
}

const INHERITED = ['PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot'];

/**
 * The whole environment of a git process, from nothing: no configuration but the repository's own, no
 * prompt, no editor, no network, and a fixed identity.
 */
export async function gitEnvironment(
  identity: { name: string; email: string },
  settings: Setting[],
): Promise<Record<string, string>> {
  const inherited = INHERITED.flatMap((name): [string, string][] => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...Object.fromEntries(inherited),
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    // In `info/grafts` anybody can say that one commit contains another.
    GIT_GRAFT_FILE: '/nonexistent/grafts',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_SSH_COMMAND: 'false',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ASKPASS: 'true',
    GIT_EDITOR: ':',
    GIT_SEQUENCE_EDITOR: ':',
    GIT_PAGER: 'cat',
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
    [OWNER_VARIABLE]: nameOf(await ownIdentity()),
    ...settingVariables([...SETTINGS, ...settings]),
  };
}
