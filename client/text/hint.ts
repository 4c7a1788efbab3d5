import { quoted } from '../../domain/session/shell-command';

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

const COMMANDS = [
  ...[
    'budget',
    'cancel',
    'completion',
    'costs',
    'demo',
    'doctor',
    'down',
    'events',
    'mcp',
    'merge',
    'notify',
  ],
  ...[
    'pause',
    'plan',
    'report',
    'resolution',
    'resume',
    'retry',
    'run',
    'schedule',
    'show',
    'skip',
    'status',
    'task',
  ],
  ...['temporal', 'transcript', 'up', 'watch', 'worker', 'worktrees'],
].join('|');
const NAMED = new RegExp(`\\byokeflow (${COMMANDS})\\b`, 'g');

/** A text of another layer, which writes commands as `yokeflow plan show`, with these as the user can paste them. */
export const pasteable = (text: string, hint: Hint): string =>
  text.replace(NAMED, (_, command: string) => hint(command));
