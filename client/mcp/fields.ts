import { z } from 'zod';
import { isModelName, MODEL_NAME } from '../../domain/cost/models';
import { MAX_ID } from '../../domain/numbers';
import { storableCheck } from '../../domain/storable-text';
import { LINE_BREAK } from '../text/units';

const whole = (least: number, most: number) => {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

/** Of a task or an epic. */
export const number = whole(1, MAX_ID);
export const tasks = z
  .array(number, { error: 'must be a list of task numbers, such as [1, 2]' })
  .refine((all) => new Set(all).size === all.length, { error: 'must name each task once' });
export const priority = whole(-1_000_000, 1_000_000).describe('lower goes first; 100 is usual');

export const words = (what: string, most: number) => {
  const error = `must be text of 1 to ${most} characters`;
  return z
    .string({ error })
    .trim()
    .min(1, { error })
    .max(most, { error })
    .check(storableCheck)
    .describe(what);
};

/** What is shown in lists: a plan file may have more lines here, which a model had better give as instructions. */
export const shortWords = (what: string, most: number) =>
  words(what, most).refine((text) => !LINE_BREAK.test(text), { error: 'must be one line' });
export const modelName = words('a model id or alias, such as opus', 100).refine(isModelName, {
  error: `must be ${MODEL_NAME}`,
});

export const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

const MOST = 500;
const USUAL = 100;

/** What a tool takes whose answer could be too long for a model. */
export const page = {
  limit: whole(1, MOST).default(USUAL).describe(`how many of them, at most ${MOST}`),
  offset: whole(0, MAX_ID)
    .default(0)
    .describe('how many to leave out at the beginning: `next_offset` of the page before'),
};

/** A page of a list: how long the list is, and where the next page begins, if there is one. */
export function pageOf<T>(all: readonly T[], { limit, offset }: { limit: number; offset: number }) {
  const end = offset + limit;
  const items = all.slice(offset, end);
  return { items, rest: { total: all.length, ...(end < all.length ? { next_offset: end } : {}) } };
}
