/** A secret may have been cut in two, and its halves are not known by anybody: what touches the cut goes. */
const MOST_TOUCHED = 500;

export const beforeCut = (text: string): string =>
  text.slice(0, text.length - (/\S*$/.exec(text.slice(-MOST_TOUCHED))?.[0].length ?? 0));
export const afterCut = (text: string): string =>
  text.slice(/^\S*/.exec(text.slice(0, MOST_TOUCHED))![0].length);

/** The first characters of a text: one that the limit would halve is left out. */
export const startOf = (text: string, most: number): string =>
  text.length > most ? text.slice(0, most).replace(/[\ud800-\udbff]$/, '') : text;

/** The beginning of a text in which secrets may still be. */
export const cutText = (text: string, most: number): string =>
  text.length > most ? `${beforeCut(text.slice(0, most)).trimEnd()}...` : text;
