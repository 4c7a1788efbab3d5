import { resolve } from 'node:path';
import { launch } from '../process/launch';
import { SETTINGS_LIMIT_MS } from '../process/time-limits';
import type { Repository } from '../repository/repository';

/**
 * Where the person's own `git push` of the base branch goes, by the settings that they have: its remote, or `origin`. A
 * login within the address is left out. Null where there is no remote.
 */
export async function remoteUrl(repo: Repository, baseBranch: string): Promise<string | null> {
  const own = await ask(repo, ['config', '--get', `branch.${baseBranch}.remote`]);
  const url = await ask(repo, ['remote', 'get-url', '--push', own && own !== '.' ? own : 'origin']);
  return url ? withoutLogin(isPath(url) ? resolve(repo.path, url) : url) : null;
}

/** Only settings are read, and nothing that they name is run. */
async function ask({ gitDir }: Repository, args: string[]): Promise<string | null> {
  const { PATH, HOME, XDG_CONFIG_HOME, SystemRoot } = process.env;
  const known = Object.entries({ PATH, HOME, XDG_CONFIG_HOME, SystemRoot, LC_ALL: 'C' });
  const env = Object.fromEntries(known.filter((entry): entry is [string, string] => entry[1] !== undefined));
  const where = ['--git-dir', gitDir];
  const { exitCode, stdout } = await launch('git', [...where, ...args], {
    ...{ cwd: gitDir, env },
    ...{ timeLimitMs: SETTINGS_LIMIT_MS, encoding: 'utf8' },
  });
  return exitCode === 0 ? stdout.trim().split('\n')[0]! || null : null;
}

const isPath = (url: string) => !url.includes('://') && !/^[^/\\]{2,}:/.test(url);

function withoutLogin(url: string): string {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (!parsed.username && !parsed.password) return url;
  Object.assign(parsed, { username: '', password: '' });
  return parsed.href;
}
