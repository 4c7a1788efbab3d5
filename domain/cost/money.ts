/** Sums are kept in nano-dollars, since a fraction of a cent a turn would not add up exactly as floats. */
export const NANO_PER_USD = 1_000_000_000;

export const usdFromNano = (nano: number): number => nano / NANO_PER_USD;
