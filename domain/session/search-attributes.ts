/**
 * What sessions put on themselves, to be found by in Temporal's lists. A workflow that sets one which its server does not
 * know gets stuck, so they are set only where all of them are known to be there.
 */
export const SEARCH_ATTRIBUTES = { Project: 'Keyword', Attention: 'Bool', CostUsd: 'Double' } as const;

type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES;

/** As Temporal's API numbers the types. */
const TYPE_NUMBERS = { Keyword: 2, Double: 4, Bool: 5 };

/** Those that a server lacks, or has with another type; `known` is its list: a type's number by name. */
export function missingAttributes(known: Readonly<Record<string, number>>): SearchAttributeName[] {
  const names = Object.keys(SEARCH_ATTRIBUTES) as SearchAttributeName[];
  return names.filter((name) => known[name] !== TYPE_NUMBERS[SEARCH_ATTRIBUTES[name]]);
}

/** The command that makes a server know them. */
export function registerCommand(namespace: string): string {
  const flags = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => `--name ${name} --type ${type}`);
  return `temporal operator search-attribute create --namespace ${namespace} ${flags.join(' ')}`;
}
