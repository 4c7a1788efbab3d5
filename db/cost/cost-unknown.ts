/** Of an attempt `a`: a price is not known, or nobody saw the end of a call, so that what was counted is not all. */
export const COST_UNKNOWN = '(a.cost_unknown or a.uncertain_nano > 0)';
