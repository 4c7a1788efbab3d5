/** How often the base branch may move under a landing before it is handed back to a person. */
export const MAX_MOVES = 20;
