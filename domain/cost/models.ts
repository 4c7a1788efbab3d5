/** From the weakest to the strongest: a new attempt after a failure goes one step up. */
export const MODEL_ALIASES = {
  haiku: 'claude-haiku-5-5',
  sonnet: 'claude-sonnet-5-5',
  opus: 'claude-opus-5-5',
} as const;

export type ModelAlias = keyof typeof MODEL_ALIASES;

export const DEFAULT_MODEL: string = MODEL_ALIASES.sonnet;

/** The full id for an alias, in any case; every other name is taken for an id. */
export function resolveModel(name: string): string {
  const alias = name.trim().toLowerCase();
  return Object.hasOwn(MODEL_ALIASES, alias) ? MODEL_ALIASES[alias as ModelAlias] : name.trim();
}

/** The short name that people know a model by: `sonnet`, or the id where it has none. */
export function modelAlias(model: string): string {
  const id = resolveModel(model);
  return Object.entries(MODEL_ALIASES).find(([, known]) => known === id)?.[0] ?? id;
}

/** The next stronger model, as an id. The strongest has none, nor has one that is not in the table: they stay. */
export function strongerModel(model: string): string {
  const steps: string[] = Object.values(MODEL_ALIASES);
  const step = steps.indexOf(resolveModel(model));
  return (step >= 0 && steps[step + 1]) || resolveModel(model);
}

/** Whether it can be what an agent calls a model: no name has a space in it. */
export const isModelName = (name: string): boolean => /^\s*\S{1,100}\s*$/.test(name);

export const MODEL_NAME = 'a model name or alias such as opus';

export interface TaskTraits {
  description: string;
  action: string;
  /** How many tasks it builds on. */
  dependencies: number;
}

const HARD =
  /\b(architect\w*|concurren\w*|race condition|deadlock\w*|refactor\w*|redesign\w*|migrat\w*|security|vulnerabilit\w*|cryptograph\w*|performance|optimi[sz]\w*|algorithm\w*|protocol|distributed|debug\w*|investigat\w*|parser|compiler)\b/i;
const EASY =
  /\b(typos?|renam\w*|bump\w*|changelog|readme|comments?|docstrings?|whitespace|formatting|licen[cs]e|spelling|wording|badge)\b/i;
const SHORT = 400;
const LONG = 3_000;
const MANY = 3;

/**
 * The model for `auto`, with the reason in words. Strong for tasks with two signs of difficulty (a hard subject, a long
 * description, many dependencies), weak for short chores, the one between for the rest.
 */
export function chooseModel({ description, action, dependencies }: TaskTraits): {
  model: string;
  reason: string;
} {
  const text = `${description}\n${action}`;
  const hard = HARD.exec(text)?.[0];
  const easy = EASY.exec(text)?.[0];
  const signs = [
    ...(hard ? [`it is about "${hard.toLowerCase()}"`] : []),
    ...(text.length > LONG ? [`its description is long (${text.length} characters)`] : []),
    ...(dependencies >= MANY ? [`it builds on ${dependencies} tasks`] : []),
  ];
  if (signs.length >= 2) return choice('opus', signs.join(', and '));
  if (signs.length === 1) return choice('sonnet', signs.join());
  if (easy && text.length <= SHORT) return choice('haiku', `a short chore ("${easy.toLowerCase()}")`);
  return choice('sonnet', 'neither a chore nor hard by its description');
}

const choice = (alias: ModelAlias, reason: string) => ({
  model: MODEL_ALIASES[alias],
  reason: `${alias}: ${reason}`,
});
