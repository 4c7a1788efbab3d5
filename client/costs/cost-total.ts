import type { CostRow, TokenCounts } from '../../db/cost/cost-report';
import { firstLine } from '../text/units';

/** What several attempts cost together. */
export interface CostTotal {
  tokens: TokenCounts;
  costNano: number;
  /** Models of which some use has no known price. */
  unpriced: string[];
  /** Calls failed half-way, and what they cost is known in part. */
  incomplete: boolean;
}

export const modelName = ({ model }: Pick<CostRow, 'model'>): string =>
  model === null ? 'its default model' : firstLine(model);

export function totalOf(rows: readonly CostRow[]): CostTotal {
  const tokens = (kind: keyof TokenCounts) => rows.reduce((sum, row) => sum + row.tokens[kind], 0);
  return {
    tokens: {
      input: tokens('input'),
      output: tokens('output'),
      cacheWrite: tokens('cacheWrite'),
      cacheRead: tokens('cacheRead'),
    },
    costNano: rows.reduce((sum, row) => sum + row.costNano, 0),
    unpriced: [...new Set(rows.filter((row) => row.unpriced).map(modelName))].sort(),
    incomplete: rows.some((row) => row.incomplete),
  };
}

/** Whether some of it is not known: it cost more than `costNano`. */
export const isFloor = ({ unpriced, incomplete }: CostTotal): boolean => unpriced.length > 0 || incomplete;

/** The rows that have the same key, in the order in which the keys first come. */
export function groupRows<K>(rows: readonly CostRow[], key: (row: CostRow) => K): [K, CostRow[]][] {
  const groups = new Map<K, CostRow[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return [...groups];
}
