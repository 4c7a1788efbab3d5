const PLAIN = /^[\w@%+=:,./-]+$/;

/** npm then runs in the clone, whatever folder it was called in. */
export function startedThroughNpm(env: NodeJS.ProcessEnv): boolean {
  return env.npm_lifecycle_event === 'yokeflow' || env.npm_lifecycle_event === 'demo';
}

/** A command as the user can paste it: through npm where YokeFlow was started that way. */
export function commandLine(env: NodeJS.ProcessEnv, args: readonly (string | number)[]): string {
  const words = args.map((arg) => quoted(String(arg))).join(' ');
  return startedThroughNpm(env) ? `npm run -s yokeflow -- ${words}` : `yokeflow ${words}`;
}

export type Hint = (...args: (string | number)[]) => string;

export const hintFor =
  (env: NodeJS.ProcessEnv): Hint =>
  (...args) =>
    commandLine(env, args);

function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
