/** The largest id and priority that fit PostgreSQL's integer. */
export const MAX_ID = 2 ** 31 - 1;

/**
 * Reads how people name a task or an epic: `7`, `"7"`, `{"task":7}`, and a task also `"T7"`. Null for anything else: what
 * says more, or something else, was not meant.
 */
export function parseTaskNumber(input: unknown, what: 'task' | 'epic' = 'task'): number | null {
  if (typeof input === 'number')
    return Number.isInteger(input) && input > 0 && input <= MAX_ID ? input : null;
  if (typeof input === 'string') {
    const digits = what === 'task' ? input.replace(/^t/i, '') : input;
    return /^\d{1,10}$/.test(digits) ? parseTaskNumber(Number(digits)) : null;
  }
  if (input === null || typeof input !== 'object') return null;
  const { [what]: value, ...rest } = input as Record<string, unknown>;
  return typeof value === 'object' || Object.keys(rest).length > 0 ? null : parseTaskNumber(value, what);
}
