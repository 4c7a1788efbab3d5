import { z } from 'zod';
import { MAX_BUDGET_USD } from '../cost/budget';
import { isModelName, MODEL_NAME } from '../cost/models';
import { AGENTS, MERGE_STRATEGIES, ON_CONFLICT, ON_FAILURE, SCHEDULING_MODES } from '../model';
import { projectNameProblem } from '../plan/plan-names';
import { storableCheck } from '../storable-text';

/** Limits of the contract; the CLI checks against the same ones before it starts anything. */
export const MAX_CONCURRENCY = 10;
const MAX_ATTEMPTS = 20;
const ONE_WEEK_IN_MINUTES = 7 * 24 * 60;

const whole = (max: number) => {
  const error = `must be a whole number from 1 to ${max}`;
  return z.int({ error }).min(1, { error }).max(max, { error });
};
const usd = z
  .number({ error: 'must be an amount in USD, such as 5 or 0.25' })
  .positive()
  .max(MAX_BUDGET_USD, { error: `must be at most ${MAX_BUDGET_USD} USD` });
const text = (error: string, most: number) => z.string({ error }).min(1).max(most).check(storableCheck);
const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });
const MODEL = `must be ${MODEL_NAME}`;
const flag = z.boolean({ error: 'must be true or false' });

const schema = z.strictObject({
  project: z.string({ error: 'is required: the name of an imported project' }).check((context) => {
    const problem = projectNameProblem(context.value);
    if (problem) context.issues.push({ code: 'custom', input: context.value, message: problem });
  }),
  parallel: flag.default(false),
  maxConcurrency: whole(MAX_CONCURRENCY).default(3),
  mergeStrategy: oneOf(MERGE_STRATEGIES).default('regular'),
  scheduling: oneOf(SCHEDULING_MODES).default('dependencies'),
  agent: oneOf(AGENTS).optional(),
  model: z.string({ error: MODEL }).refine(isModelName, { error: MODEL }).check(storableCheck).optional(),
  budgetUsd: usd.optional(),
  taskBudgetUsd: usd.optional(),
  maxAttempts: whole(MAX_ATTEMPTS).default(3),
  taskTimeoutMinutes: z
    .number({ error: 'must be a number of minutes' })
    .positive()
    .max(ONE_WEEK_IN_MINUTES, { error: `must be at most ${ONE_WEEK_IN_MINUTES} (a week)` })
    .default(60),
  onConflict: oneOf(ON_CONFLICT).default('agent'),
  onFailure: oneOf(ON_FAILURE).default('continue'),
  epics: z
    .array(z.int({ error: 'must be epic numbers' }).positive(), { error: 'must be a list of epic numbers' })
    .min(1, { error: 'must name at least one epic' })
    .optional(),
  verify: text('must be a shell command', 10_000).optional(),
  pullRequests: flag.optional(),
});

const checked = schema.check(({ value, issues }) => {
  if (!value.pullRequests) return;
  const refuse = (field: 'parallel' | 'mergeStrategy', message: string) =>
    issues.push({ code: 'custom', input: value[field], path: [field], message });
  if (!value.parallel) refuse('parallel', 'must be on for pull requests, so that each epic has a branch');
  if (value.mergeStrategy !== 'regular')
    refuse('mergeStrategy', 'must be regular for pull requests: who merges one chooses how');
});

/** What a person asks of a session, with every default filled in. */
export type RunOptions = z.output<typeof schema>;

/** What a person may write: every field but `project` is optional. */
export type RunInput = z.input<typeof schema>;

export type ParsedRunInput = { ok: true; options: RunOptions } | { ok: false; message: string };

const shown = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text === undefined ? '' : `, got ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`;
};

const valueAt = (input: unknown, path: PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      value && typeof value === 'object' ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );

/**
 * Checks a run's input and fills in the defaults. On a mistake: one line that names the field, what it must be
 * and what it was.
 */
export function parseRunInput(input: unknown): ParsedRunInput {
  const parsed = checked.safeParse(input);
  if (parsed.success) return { ok: true, options: parsed.data };
  const issue = parsed.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schema.shape).join(', ');
    return { ok: false, message: `${issue.keys[0]}: is not a field of the input; the fields are ${known}` };
  }
  const field = issue.path.join('.') || 'input';
  const message = issue.path.length ? issue.message : 'must be one JSON object, such as {"project":"my-app"}';
  return { ok: false, message: `${field}: ${message}${shown(valueAt(input, issue.path))}` };
}
