/** A worker that is asked to stop hands its activities over; those that have not ended by then are left. */
export const ACTIVITIES_END_WITHIN_MS = 20_000;

/** For an answer of a server that says nothing no worker stays longer than this; it asks twice. */
export const LAST_WORDS_MS = 5_000;
