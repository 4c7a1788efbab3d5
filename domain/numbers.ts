/** The largest id and priority that fit PostgreSQL's integer. */
export const MAX_ID = 2 ** 31 - 1;

/** Reads how people name a task or an epic: `7`, `"7"`, `"T7"`, `{"task":7}`, `{"epic":7}`. Null when it is neither. */
export function parseTaskNumber(input: unknown): number | null {
  if (typeof input === 'number')
    return Number.isInteger(input) && input > 0 && input <= MAX_ID ? input : null;
  if (typeof input === 'string')
    return /^t?\d{1,10}$/i.test(input) ? parseTaskNumber(Number(input.replace(/^t/i, ''))) : null;
  if (input !== null && typeof input === 'object') {
    const { task, epic } = input as { task?: unknown; epic?: unknown };
    const value = task ?? epic;
    return typeof value === 'object' ? null : parseTaskNumber(value);
  }
  return null;
}
