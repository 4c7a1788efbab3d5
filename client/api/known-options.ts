import { UsageError } from '../cli/exit';

/** @throws UsageError for an option that is not known: a typo would have no effect, without a word */
export function requireKnown<T extends object>(options: T, known: readonly (keyof T & string)[]): void {
  const names: readonly string[] = known;
  const strange = Object.keys(options).find((name) => !names.includes(name));
  if (strange === undefined) return;
  throw new UsageError(`${strange.slice(0, 60)}: is no option here; the options are ${known.join(', ')}`);
}
