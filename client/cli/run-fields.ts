import { parseRunInput, type RunInput } from '../../domain/session/run-input';
import { UsageError } from './exit';
import { numberList, numberOrText } from './numbers';

/** What `yokeflow run` takes on its command line, as text. */
export interface RunFlags {
  parallel?: boolean;
  maxConcurrency?: string;
  mergeStrategy?: string;
  scheduling?: string;
  agent?: string;
  model?: string;
  budget?: string;
  taskBudget?: string;
  maxAttempts?: string;
  taskTimeout?: string;
  onConflict?: string;
  onFailure?: string;
  epics?: string;
  verify?: string;
}

const FLAGS: Record<string, string> = {
  project: '--project',
  parallel: '--parallel',
  maxConcurrency: '--max-concurrency',
  mergeStrategy: '--merge-strategy',
  scheduling: '--scheduling',
  agent: '--agent',
  model: '--model',
  budgetUsd: '--budget',
  taskBudgetUsd: '--task-budget',
  maxAttempts: '--max-attempts',
  taskTimeoutMinutes: '--task-timeout',
  onConflict: '--on-conflict',
  onFailure: '--on-failure',
  epics: '--epics',
  verify: '--verify',
};

/** Any valid name: stands in for a project that is not chosen yet, so that all else can be checked before. */
const UNNAMED = 'unnamed';

/**
 * The session's input from the command line, checked. `project` may come later: see `chooseProject`.
 * @throws UsageError that names the option, as in `--max-concurrency must be a whole number from 1 to 10, got "many"`
 */
export function runInput(flags: RunFlags, project: string | undefined): Omit<RunInput, 'project'> {
  const fields = {
    parallel: flags.parallel,
    maxConcurrency: optional(flags.maxConcurrency, numberOrText),
    mergeStrategy: flags.mergeStrategy,
    scheduling: flags.scheduling,
    agent: flags.agent,
    model: flags.model,
    budgetUsd: optional(flags.budget, numberOrText),
    taskBudgetUsd: optional(flags.taskBudget, numberOrText),
    maxAttempts: optional(flags.maxAttempts, numberOrText),
    taskTimeoutMinutes: optional(flags.taskTimeout, numberOrText),
    onConflict: flags.onConflict,
    onFailure: flags.onFailure,
    epics: optional(flags.epics, (text) => numberList('--epics', text)),
    verify: flags.verify,
  };
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const parsed = parseRunInput({ ...given, project: project ?? UNNAMED });
  if (!parsed.ok) throw new UsageError(asFlag(parsed.message));
  return given;
}

/**
 * The options that start a session like one that ran, without its choice of epics: what is a default goes unsaid.
 * @param options as stored with the session
 */
export function flagsOf(options: Record<string, unknown>): string[] {
  const parsed = parseRunInput({ project: UNNAMED });
  const defaults: Record<string, unknown> = parsed.ok ? parsed.options : {};
  return Object.entries(FLAGS).flatMap(([field, flag]) => {
    const value = options[field] as string | number | boolean | null | undefined;
    const unsaid = field === 'project' || field === 'epics' || value === defaults[field];
    if (unsaid || value === undefined || value === null || value === false) return [];
    return value === true ? [flag] : [flag, String(value)];
  });
}

function optional<T>(text: string | undefined, read: (text: string) => T): T | undefined {
  return text === undefined ? undefined : read(text);
}

/** `maxConcurrency: must be ...` -> `--max-concurrency must be ...` */
function asFlag(message: string): string {
  const [, field = '', rest = message] = /^(\w+)[.\d]*: (.*)$/s.exec(message) ?? [];
  return `${FLAGS[field] ?? field} ${rest}`.trim();
}
