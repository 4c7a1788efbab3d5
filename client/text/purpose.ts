import type { AttemptPurpose } from '../../domain/model';

/** What a try was for, where it was not for the task that pays for it. */
export const purposeOf = ({ purpose }: { purpose: AttemptPurpose }): string[] =>
  purpose === 'merge' ? ["to settle its epic's merge"] : [];
