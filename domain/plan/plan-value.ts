import { z } from 'zod';
import { AGENTS, DEPENDENCY_TYPES } from '../model';
import { MAX_ID } from '../numbers';
import type { Plan } from './plan';
import { checkPlan } from './plan-checks';
import { fieldName } from './plan-error';
import { issueErrors } from './plan-issues';
import type { PlanResult } from './plan-parse';
import {
  id,
  keysOf,
  modelName,
  mustBe,
  oneOf,
  project,
  text,
  textOrNone,
  usd,
  wholeNumber,
} from './plan-schema';

const dependency = { task: id, type: oneOf(DEPENDENCY_TYPES) };

const task = {
  id,
  description: text,
  action: textOrNone,
  priority: wholeNumber(-MAX_ID),
  dependsOn: z.array(
    z.strictObject(dependency, { error: mustBe("a dependency, such as { task: 4, type: 'hard' }") }),
    {
      error: mustBe('a list of dependencies'),
    },
  ),
  agent: oneOf(AGENTS).optional(),
  model: modelName.optional(),
  verify: text.optional(),
  budgetUsd: usd.optional(),
};

const epic = {
  id,
  name: text,
  tasks: z.array(z.strictObject(task, { error: mustBe('a task') }), { error: mustBe('a list of tasks') }),
};

const plan = {
  project,
  verify: text.optional(),
  setup: text.optional(),
  cleanup: text.optional(),
  epics: z.array(z.strictObject(epic, { error: mustBe('an epic') }), { error: mustBe('a list of epics') }),
};

const schema = z.strictObject(plan, { error: mustBe('a plan, or the path of a file with one') });

/** Looks at a plan that a program has made, which may never have seen its type. Errors as for `parsePlan`, without lines. */
export function checkPlanValue(value: unknown): PlanResult {
  const checked = schema.safeParse(value);
  if (!checked.success) {
    const place = { lineOf: () => null, keysAt: keysOf(plan, epic, task, dependency) };
    return { ok: false, errors: issueErrors(checked.error.issues, place) };
  }
  const given: Plan = checked.data;
  const errors = checkPlan(given).map(({ path, message }) => ({
    ...{ line: null, message },
    // As it is called in a file.
    field: fieldName(path).replace(/depends_on$/, 'dependsOn'),
  }));
  return errors.length > 0 ? { ok: false, errors } : { ok: true, plan: given };
}
