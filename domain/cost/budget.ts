/** Far above what anybody spends, and low enough for sums in nano-dollars to fit PostgreSQL's bigint. */
export const MAX_BUDGET_USD = 1_000_000_000;
