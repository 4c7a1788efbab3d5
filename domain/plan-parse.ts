import type { z } from 'zod';
import type { Plan } from './plan';
import { checkPlan } from './plan-checks';
import { fieldName } from './plan-error';
import type { PlanError, PlanPath } from './plan-error';
import { nearestKey } from './plan-keys';
import { completePlan } from './plan-numbering';
import { keysAt, planFile } from './plan-schema';
import { readPlanSource } from './plan-source';
import type { PlanSource } from './plan-source';

export type PlanResult = { ok: true; plan: Plan } | { ok: false; errors: PlanError[] };

/** Reported for one mapping: enough to see what is wrong with it. */
const MAX_UNKNOWN_KEYS = 20;

/**
 * Reads a plan file (YAML or JSON). Never throws: what is wrong is in `errors`, in the order of the
 * file. Ids and dependencies are looked at only once every field on its own is right.
 */
export function parsePlan(text: string, fileName: string): PlanResult {
  const read = readPlanSource(text, fileName);
  if (!read.ok) return read;
  const { source } = read;
  const file = planFile.safeParse(source.value);
  if (!file.success) return failed(file.error.issues.flatMap((issue) => issueErrors(issue, source)));
  const plan = completePlan(file.data);
  const findings = checkPlan(plan);
  if (findings.length === 0) return { ok: true, plan };
  return failed(
    findings.map(({ path, at, message }) => ({
      line: source.lineOf(at ?? path),
      field: fieldName(path),
      message,
    })),
  );
}

function failed(errors: PlanError[]): PlanResult {
  return { ok: false, errors: errors.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)) };
}

function issueErrors(issue: z.core.$ZodIssue, source: PlanSource): PlanError[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MAX_UNKNOWN_KEYS).map((key) => unknownKey(path, key, source));
  }
  return [{ line: source.lineOf(path), field: fieldName(path), message: issue.message }];
}

function unknownKey(path: PlanPath, key: string, source: PlanSource): PlanError {
  const known = keysAt(path);
  const nearest = nearestKey(key, known);
  const remedy = nearest === null ? `use one of ${known.join(', ')}` : `did you mean "${nearest}"?`;
  return {
    line: source.lineOf([...path, key]),
    field: fieldName([...path, key.length > 60 ? `${key.slice(0, 59)}…` : key]),
    message: `is not a known key; ${remedy}`,
  };
}
