import { z } from 'zod';
import { MAX_BUDGET_USD } from '../cost/budget';
import { isModelName, MODEL_NAME } from '../cost/models';
import { AGENTS, DEPENDENCY_TYPES } from '../model';
import { MAX_ID } from '../numbers';
import { shortened } from '../shortened';
import { storableCheck } from '../storable-text';
import { projectNameProblem } from './plan-names';

const MISSING = 'is missing;';

/** Whether this message of the schema is about a field that is not there. */
export const isMissing = (message: string): boolean => message.startsWith(MISSING);

/** Every message completes "FIELD: ...". */
export const mustBe = (what: string) => (issue: { input?: unknown }) => {
  if (issue.input === undefined) return `${MISSING} it must be ${what}`;
  const isPlain = typeof issue.input === 'number' || typeof issue.input === 'boolean';
  const quotes = what.startsWith('text') && isPlain ? '; put it in quotes' : '';
  return `must be ${what}, but is ${describe(issue.input)}${quotes}`;
};

function describe(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return typeof value;
  return value.trim() === '' ? 'blank' : `the text "${shortened(value, 40)}"`;
}

export const textOrNone = z.string({ error: mustBe('text') }).check(storableCheck);
export const text = textOrNone.regex(/\S/, { error: mustBe('text') });

export const modelName = textOrNone.refine(isModelName, { error: mustBe(MODEL_NAME) });

export const wholeNumber = (least: number) => {
  const error = mustBe(`a whole number from ${least} to ${MAX_ID}`);
  return z.int({ error }).min(least, { error }).max(MAX_ID, { error });
};
export const id = wholeNumber(1);

export const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: mustBe(`one of ${values.join(', ')}`) });

const amount = mustBe('an amount in USD above 0');
export const usd = z
  .number({ error: amount })
  .positive({ error: amount })
  .max(MAX_BUDGET_USD, { error: mustBe(`at most ${MAX_BUDGET_USD} USD`) });

const dependencyShape = { task: id, type: oneOf(DEPENDENCY_TYPES).optional() };

const dependency = z.preprocess(
  (entry) => (typeof entry === 'number' ? { task: entry } : entry),
  z.strictObject(dependencyShape, { error: mustBe('the id of a task, or { task: 4, type: soft }') }),
);

const dependencies = z.preprocess((value): unknown[] => {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}, z.array(dependency));

const task = z.strictObject(
  {
    id: id.optional(),
    description: text,
    action: text.optional(),
    priority: wholeNumber(-MAX_ID).optional(),
    depends_on: dependencies,
    dependency_type: oneOf(DEPENDENCY_TYPES).default('hard'),
    agent: oneOf(AGENTS).optional(),
    model: modelName.optional(),
    verify: text.optional(),
    budget_usd: usd.optional(),
  },
  { error: mustBe('a task with a "description"') },
);

const epic = z.strictObject(
  { id: id.optional(), name: text, tasks: z.array(task, { error: mustBe('a list of tasks') }) },
  { error: mustBe('an epic with "name" and "tasks"') },
);

export const project = z.string({ error: mustBe('text') }).check((context) => {
  const message = projectNameProblem(context.value);
  if (message !== null) context.issues.push({ code: 'custom', input: context.value, message });
});

/** The plan file as it is written. */
export const planFile = z.strictObject(
  {
    project,
    verify: text.optional(),
    setup: text.optional(),
    cleanup: text.optional(),
    epics: z.array(epic, { error: mustBe('a list of epics') }),
  },
  { error: mustBe('a mapping with "project" and "epics"') },
);

export type PlanFile = z.output<typeof planFile>;

/** The keys that there may be at a place: in a plan, an epic, a task or a dependency. */
export type KeysAt = (path: readonly unknown[]) => string[];

export const keysOf =
  (...levels: object[]): KeysAt =>
  (path) =>
    Object.keys(levels[path.length / 2] ?? {});

export const keysInFile = keysOf(planFile.shape, epic.shape, task.shape, dependencyShape);
