import { parseRunInput, type RunInput } from './run-input';

/** The option of `yokeflow run` for each field of a session's input. */
export const RUN_FLAGS: Record<keyof RunInput, string> = {
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
  pullRequests: '--pull-requests',
};

/** Any valid name: stands in for a project that is not chosen yet. */
export const UNNAMED = 'unnamed';

/**
 * The options that start a session like one that ran, without its choice of epics: what is a default goes unsaid.
 * @param options as stored with the session
 */
export function flagsOf(options: Record<string, unknown>): string[] {
  const parsed = parseRunInput({ project: UNNAMED });
  const defaults: Record<string, unknown> = parsed.ok ? parsed.options : {};
  return Object.entries(RUN_FLAGS).flatMap(([field, flag]) => {
    const value = options[field] as string | number | boolean | null | undefined;
    const unsaid = field === 'project' || field === 'epics' || value === defaults[field];
    if (unsaid || value === undefined || value === null || value === false) return [];
    return value === true ? [flag] : [flag, String(value)];
  });
}
