export interface PlanError {
  /** Counted from 1; null where the file as a whole is wrong. */
  line: number | null;
  /** A path such as `epics[0].tasks[2].depends_on`; empty where the file as a whole is wrong. */
  field: string;
  /** What is wrong and what to do about it. */
  message: string;
}

export type PlanPath = readonly (string | number)[];

export function fieldName(path: PlanPath): string {
  return path.reduce<string>((name, step) => {
    if (typeof step === 'number') return `${name}[${step}]`;
    return name === '' ? step : `${name}.${step}`;
  }, '');
}

export function inFileOrder<T extends Pick<PlanError, 'line'>>(errors: readonly T[]): T[] {
  return [...errors].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** `plan.yaml:12: epics[0].name: must be text; ... (and 3 more)`: the first error, on one line. */
export function describePlanErrors(errors: readonly PlanError[], fileName: string): string {
  const [first] = errors;
  if (!first) return `${fileName}: no errors`;
  const place = first.line === null ? fileName : `${fileName}:${first.line}`;
  const parts = [place, first.field, first.message].filter((part) => part !== '');
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return parts.join(': ').replace(/\s*[\r\n]+\s*/g, ' ') + more;
}
