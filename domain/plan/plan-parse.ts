import type { Plan } from './plan';
import { checkPlan } from './plan-checks';
import { fieldName, inFileOrder } from './plan-error';
import type { PlanError } from './plan-error';
import { issueErrors } from './plan-issues';
import { completePlan } from './plan-numbering';
import { keysInFile, planFile } from './plan-schema';
import { readPlanSource } from './plan-source';

export type PlanResult = { ok: true; plan: Plan } | { ok: false; errors: PlanError[] };

/**
 * Reads a plan file (YAML or JSON). Never throws: what is wrong is in `errors`, in the order of the
 * file, but unknown keys first, as they tend to cause the others. Ids and dependencies are looked at
 * only once every field on its own is right.
 */
export function parsePlan(text: string, fileName: string): PlanResult {
  const read = readPlanSource(text, fileName);
  if (!read.ok) return read;
  const { source } = read;
  const file = planFile.safeParse(source.value);
  if (!file.success) {
    const place = { lineOf: source.lineOf, keysAt: keysInFile };
    return { ok: false, errors: issueErrors(file.error.issues, place) };
  }
  const plan = completePlan(file.data);
  const findings = checkPlan(plan);
  if (findings.length === 0) return { ok: true, plan };
  const errors = findings.map(({ path, at, message }) => ({
    line: source.lineOf(at ?? path),
    field: fieldName(path),
    message,
  }));
  return { ok: false, errors: inFileOrder(errors) };
}
