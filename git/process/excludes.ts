import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Setting } from './environment';
import { runProcess } from './process';

const KEY = 'core.excludesfile';

/**
 * The user's own list of files to ignore in every repository (`.DS_Store`, an editor's folder), which `git status` goes by when
 * they look: git sees no configuration here but the repository's, and would take such files for work. Nothing where the
 * repository names a list itself.
 */
export async function excludesSettings(names: string[]): Promise<Setting[]> {
  if (names.some((name) => name.toLowerCase() === KEY)) return [];
  const file = await ownExcludes();
  return file === null ? [] : [[KEY, file]];
}

const known = new Map<string, Promise<string | null>>();

function ownExcludes(): Promise<string | null> {
  const { PATH, HOME, XDG_CONFIG_HOME } = process.env;
  const env = Object.fromEntries(
    Object.entries({ PATH, HOME, XDG_CONFIG_HOME }).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
  const key = JSON.stringify(env);
  let file = known.get(key);
  if (!file) {
    file = findExcludes(env);
    known.set(key, file);
  }
  return file;
}

async function findExcludes(env: Record<string, string>): Promise<string | null> {
  const { stdout } = await runProcess('git', ['config', '--type=path', '--get', KEY], {
    ...{ cwd: '/', env, timeLimitMs: 10_000, encoding: 'utf8' },
  }).catch(() => ({ stdout: '' }));
  const { HOME = '', XDG_CONFIG_HOME = join(HOME, '.config') } = env;
  const file = stdout.replace(/\n$/, '') || join(XDG_CONFIG_HOME, 'git', 'ignore');
  return access(file).then(
    () => file,
    () => null,
  );
}
