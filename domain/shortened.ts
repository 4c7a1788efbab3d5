/** The beginning of a text that is longer than this, with an ellipsis. No character is cut in two. */
export const shortened = (text: string, limit: number): string =>
  text.length > limit ? `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;
