import { runProcess } from './process';
import { SETTINGS_LIMIT_MS } from './time-limits';

const known = new Map<string, Promise<string>>();

/**
 * What `git config` prints of the user's own settings, which our git does not read: those of no repository. Nothing where
 * git finds none. Asked once: a change of theirs counts from the worker's next start.
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
    known.set(key, printed);
  }
  return printed;
}

async function ask(args: string[], env: Record<string, string>): Promise<string> {
  const options = { cwd: '/', env, timeLimitMs: SETTINGS_LIMIT_MS, encoding: 'utf8' as const };
  return runProcess('git', ['config', ...args], options).then(
    ({ exitCode, stdout }) => (exitCode === 0 ? stdout : ''),
    () => '',
  );
}
