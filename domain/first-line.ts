import { startOf } from './cut-text';

/** Terminal escapes would act on whoever prints the text. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/** The first line of a text, or its beginning, without control characters. */
export const firstLine = (text: string, most: number): string =>
  startOf(text.split('\n', 1)[0]!, most).replace(CONTROL, '');
