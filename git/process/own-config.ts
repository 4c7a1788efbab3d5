import { runProcess } from './process';
import { SETTINGS_LIMIT_MS } from './time-limits';

const known = new Map<string, Promise<string>>();

/**
 * What `git config` prints of the user's own settings, which our git does not read: those of no repository. Nothing where
 * git finds none. Asked once: a change of theirs counts from the worker's next start.
 * @throws Error when git could not say: without LFS, say, whole contents would go into commits
 */
export function ownConfig(...args: string[]): Promise<string> {
  const { PATH, HOME, XDG_CONFIG_HOME } = process.env;
  const env = Object.fromEntries(
    Object.entries({ PATH, HOME, XDG_CONFIG_HOME }).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
  const key = JSON.stringify([env, args]);
  let printed = known.get(key);
  if (!printed) {
    printed = ask(args, env);
    printed.catch(() => known.delete(key));
    known.set(key, printed);
  }
  return printed;
}

async function ask(args: string[], env: Record<string, string>): Promise<string> {
  const options = { cwd: '/', env, timeLimitMs: SETTINGS_LIMIT_MS, encoding: 'utf8' as const };
  const { exitCode, stdout } = await runProcess('git', ['config', ...args], options);
  if (exitCode === null) throw new Error(`git config ${args.join(' ')} was ended before it could answer`);
  return exitCode === 0 ? stdout : '';
}
