import { join } from 'node:path';
import type { Setting } from './environment';
import { excludesSettings } from './excludes';
import { fileSignature } from './file-signature';
import { lineEndingSettings } from './line-endings';
import { LFS_PROGRAMS, lfsSettings } from './lfs';

/** Reads the names of all settings in force, NUL-separated, as `git config --name-only -z --list` prints them. */
export type ReadSettingNames = () => Promise<string>;

const PROGRAMS: Record<string, Record<string, string>> = {
  filter: { clean: '', smudge: '', process: '', required: 'false' },
  merge: { driver: 'false' },
  diff: { command: '', textconv: '' },
  lfs: LFS_PROGRAMS,
};

/** Hooks that settings name, which Git has since 2.54, do not care for `core.hooksPath`. */
const HOOK = /^hook\..+\./;

/** Settings that switch off each filter, merge driver, diff and LFS program, and each hook, that the repository configures. */
function neutralSettings(names: string[]): Setting[] {
  const settings = new Map<string, string>();
  for (const name of names) {
    const [section, key] = [name.slice(0, name.indexOf('.')), name.slice(name.lastIndexOf('.') + 1)];
    const value = PROGRAMS[section]?.[key];
    if (value !== undefined) settings.set(name, value);
    const hook = HOOK.exec(name)?.[0];
    if (hook) settings.set(`${hook}enabled`, 'false');
  }
  return [...settings];
}

const REQUIRED = /^filter\.(.+)\.required$/;

/** Filters that these settings switch off although a setting of the repository may require them. */
export const requirableFilters = (settings: Setting[]): string[] =>
  settings.flatMap(([key]) => REQUIRED.exec(key)?.[1] ?? []);

const cache = new Map<string, { signature: string; settings: Setting[] }>();

/**
 * The settings for the repository's configuration as it is now. An agent may write to it at any time, so the list
 * is read again whenever one of its files changed, and every time if it includes other files.
 */
export async function driverSettings(
  gitDir: string,
  commonDir: string,
  readNames: ReadSettingNames,
): Promise<Setting[]> {
  const own = await fileSignature(join(gitDir, 'config.worktree'));
  const signature = `${await fileSignature(join(commonDir, 'config'))} ${own}`;
  // Worktrees without settings of their own share what is known of the repository.
  const key = own === null ? commonDir : gitDir;
  const known = cache.get(key);
  if (known?.signature === signature) return known.settings;
  const names = (await readNames()).split('\0').filter(Boolean);
  const more = await Promise.all([lfsSettings(names), excludesSettings(names), lineEndingSettings(names)]);
  const settings = [...neutralSettings(names), ...more.flat()];
  if (names.some((name) => /^include(if)?\./i.test(name))) cache.delete(key);
  else cache.set(key, { signature, settings });
  return settings;
}
