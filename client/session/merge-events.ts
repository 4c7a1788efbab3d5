import type { SessionEvent } from '../../domain/session/events';

/**
 * The epics whose merge the event begins: several that are ready together are merged as one. What an agent does about a
 * merge is a try of its own.
 */
export function epicsMerging({ type, epic, data }: SessionEvent): number[] {
  if (type !== 'merge_started' || data.mend !== undefined) return [];
  const { epics } = data;
  const several = Array.isArray(epics) ? epics.filter((one): one is number => typeof one === 'number') : [];
  return several.length > 0 || epic === null ? several : [epic];
}
