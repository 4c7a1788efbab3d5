import type { z } from 'zod';
import { fieldName, inFileOrder } from './plan-error';
import type { PlanError, PlanPath } from './plan-error';
import { nearestKey } from './plan-keys';
import { isMissing, type KeysAt } from './plan-schema';
import { shortened } from '../shortened';
import type { PlanSource } from './plan-source';

type Issue = z.core.$ZodIssue;

/** What the schema looked at. */
interface Place {
  lineOf: PlanSource['lineOf'];
  keysAt: KeysAt;
}

interface UnknownKey {
  path: PlanPath;
  key: string;
  nearest: string | null;
}

/** Reported for one mapping: enough to see what is wrong with it. */
const MAX_UNKNOWN_KEYS = 20;

/** What the schema found. Unknown keys come first, and a field that one of them must mean is not missing too. */
export function issueErrors(issues: readonly Issue[], place: Place): PlanError[] {
  const unknown = issues.flatMap((issue) => unknownKeys(issue, place));
  const meant = new Set(
    unknown.flatMap(({ path, nearest }) => (nearest === null ? [] : [fieldName([...path, nearest])])),
  );
  const others = issues
    .filter((issue) => issue.code !== 'unrecognized_keys')
    .map((issue) => ({ issue, path: pathOf(issue), field: fieldName(pathOf(issue)) }))
    .filter(({ issue, field }) => !(isMissing(issue.message) && meant.has(field)))
    .map(({ issue, path, field }) => ({ line: place.lineOf(path), field, message: issue.message }));
  return [...inFileOrder(unknown.map((found) => unknownKeyError(found, place))), ...inFileOrder(others)];
}

function pathOf({ path }: Issue): PlanPath {
  return path.map((step) => (typeof step === 'symbol' ? String(step) : step));
}

function unknownKeys(issue: Issue, { keysAt }: Place): UnknownKey[] {
  if (issue.code !== 'unrecognized_keys') return [];
  const path = pathOf(issue);
  return issue.keys
    .slice(0, MAX_UNKNOWN_KEYS)
    .map((key) => ({ path, key, nearest: nearestKey(key, keysAt(path)) }));
}

function unknownKeyError({ path, key, nearest }: UnknownKey, { keysAt, lineOf }: Place): PlanError {
  const remedy = nearest === null ? `use one of ${keysAt(path).join(', ')}` : `did you mean "${nearest}"?`;
  return {
    line: lineOf([...path, key]),
    field: fieldName([...path, shortened(key, 60)]),
    message: `is not a known key; ${remedy}`,
  };
}
