import { RUN_FLAGS, UNNAMED } from '../../domain/session/run-flags';
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
  pullRequests?: boolean;
}

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
    pullRequests: flags.pullRequests,
  };
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const parsed = parseRunInput({ ...given, project: project ?? UNNAMED });
  if (!parsed.ok) throw new UsageError(asFlag(parsed.message));
  return given;
}

/** Of a session that is not parallel. */
const PARALLEL_ONLY = ['maxConcurrency', 'mergeStrategy'] as const;

/** What to say of options that change nothing; null: there are none. */
export function withoutEffect(input: Omit<RunInput, 'project'>): string | null {
  const idle = PARALLEL_ONLY.filter((field) => !input.parallel && input[field] !== undefined);
  if (idle.length === 0) return null;
  const flags = idle.map((field) => RUN_FLAGS[field]).join(' and ');
  return `${flags} ${idle.length > 1 ? 'are' : 'is'} for --parallel: without it, one agent works at a time and main moves with each task`;
}

function optional<T>(text: string | undefined, read: (text: string) => T): T | undefined {
  return text === undefined ? undefined : read(text);
}

/** `maxConcurrency: must be ...` -> `--max-concurrency must be ...` */
function asFlag(message: string): string {
  const [, field = '', rest = message] = /^(\w+)[.\d]*: (.*)$/s.exec(message) ?? [];
  return `${(RUN_FLAGS as Record<string, string>)[field] ?? field} ${rest}`.trim();
}
