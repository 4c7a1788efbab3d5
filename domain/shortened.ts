import { startOf } from './cut-text';

/** The beginning of a text that is longer than this, with an ellipsis. No character is cut in two. */
export const shortened = (text: string, limit: number): string =>
  text.length > limit ? `${startOf(text, limit - 1)}…` : text;
