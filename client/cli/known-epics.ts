import { listed } from '../../domain/listed';
import { UsageError } from './exit';

const MOST_NAMED = 20;

/** @throws UsageError that names the option, where the plan has not all of the epics that are wanted */
export function requireEpics(
  option: '--epic' | '--epics',
  known: readonly { number: number }[],
  wanted: readonly number[],
): void {
  const unknown = wanted.find((epic) => !known.some(({ number }) => number === epic));
  if (unknown === undefined) return;
  const names = listed(
    known.map(({ number }) => String(number)),
    MOST_NAMED,
  );
  throw new UsageError(`${option}: the plan has no epic ${unknown}; it has ${names || 'none'}`);
}
