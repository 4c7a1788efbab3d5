import { z } from 'zod';
import { MAX_ID } from '../../domain/numbers';
import { storableCheck } from '../../domain/text-problem';
import { LINE_BREAK } from '../text/units';

const whole = (least: number, most: number) => {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

/** Of a task or an epic. */
export const number = whole(1, MAX_ID);
export const tasks = z.array(number, { error: 'must be a list of task numbers, such as [1, 2]' });
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
export const modelName = shortWords('a model id or alias, such as opus', 100);

export const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });
