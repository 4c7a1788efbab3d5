import { MAX_ID, parseTaskNumber } from '../../domain/numbers';
import { UsageError } from './exit';

/** `7`, of a task also `T7`. @param name what the number is of: `task` or `epic` */
export function numberOf(name: string, text: string): number {
  const number = parseTaskNumber(text, name === 'epic' ? 'epic' : 'task');
  if (number !== null) return number;
  throw new UsageError(`${name} must be a number such as 7, got "${text}"`);
}

/** `1,2`, of tasks also `T1, T2`. @throws UsageError that names the option */
export function numberList(option: string, text: string): number[] {
  const numbers = text.split(',').map((part) => {
    const number = parseTaskNumber(part.trim(), option === '--epics' ? 'epic' : 'task');
    if (number !== null) return number;
    throw new UsageError(`${option} must be numbers separated by commas, such as 1,2, got "${text}"`);
  });
  const again = numbers.find((number, index) => numbers.indexOf(number) < index);
  if (again !== undefined) throw new UsageError(`${option} names ${again} twice: once is enough`);
  return numbers;
}

/** A whole number from `least` to `most`. @throws UsageError that names the option */
export function wholeNumber(option: string, text: string, least = 1, most = MAX_ID): number {
  const number = /^-?\d+$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  // What nobody comes near need not be said.
  const limit = most < MAX_ID || number > most ? ` to ${most}` : '';
  throw new UsageError(`${option} must be a whole number from ${least}${limit}, got "${text}"`);
}

/** What looks like a number as a number, anything else as it is, for a schema to judge. */
export function numberOrText(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** An amount above 0, such as `5` or `0.25`. @throws UsageError that says what it must be */
export function usdAmount(name: string, text: string): number {
  const amount = /^\d{1,9}(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (amount > 0) return amount;
  throw new UsageError(`${name} must be an amount in USD above 0, such as 5 or 0.25, got "${text}"`);
}
