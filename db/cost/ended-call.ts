/**
 * Of an attempt that ends without having seen the end of its call: the call may have cost what was set aside for it. To be
 * set by whatever ends an attempt.
 */
export const ENDED_CALL = 'uncertain_nano = uncertain_nano + in_flight_nano, in_flight_nano = 0';
