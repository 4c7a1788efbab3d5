import type { z } from 'zod';

/** What keeps a text from being stored as it is, and what to do about it; null when nothing does. */
export function textProblem(text: string): string | null {
  if (text.includes('\0')) return 'holds a NUL character; remove it';
  // JSON can say it (`\ud83d`); written as UTF-8, it would be another character.
  if (/\p{Surrogate}/u.test(text)) return 'holds half of a character (a lone surrogate); remove it';
  return null;
}

/** The same as a check of a schema. */
export function storableCheck({ value, issues }: z.core.ParsePayload<string>): void {
  const message = textProblem(value);
  if (message !== null) issues.push({ code: 'custom', input: value, message });
}

/** The text as it can be stored: PostgreSQL takes neither NUL nor half of a surrogate pair, and programs print both. */
export const storableText = (text: string): string => text.replace(/[\0\p{Surrogate}]/gu, '\ufffd');

/** The same, where there may be no text. */
export const storableOrNull = (text: string | null | undefined): string | null =>
  text == null ? null : storableText(text);
