import type { Attempt } from '../../db/task/attempts';

/** What a try was for, where it was not for the task that pays for it. */
export const purposeOf = ({ purpose }: Pick<Attempt, 'purpose'>): string[] =>
  purpose === 'merge' ? ["to settle its epic's merge"] : [];
