import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Setting } from './environment';
import { ownConfig } from './own-config';

const KEY = 'core.excludesfile';

/**
 * The user's own list of files to ignore in every repository (`.DS_Store`, an editor's folder), which `git status` goes by when
 * they look: git sees no configuration here but the repository's, and would take such files for work. Nothing where the
 * repository names a list itself.
 */
export async function excludesSettings(names: string[]): Promise<Setting[]> {
  if (names.some((name) => name.toLowerCase() === KEY)) return [];
  return ownFileSetting(KEY, 'ignore');
}

/** A file of the user's own that a setting names, or that is at its usual place. */
export async function ownFileSetting(key: string, usualName: string): Promise<Setting[]> {
  const { HOME = '', XDG_CONFIG_HOME = join(HOME, '.config') } = process.env;
  const named = await ownConfig('--type=path', '--get', key);
  const file = named.replace(/\n$/, '') || join(XDG_CONFIG_HOME, 'git', usualName);
  return access(file).then(
    () => [[key, file]],
    () => [],
  );
}
