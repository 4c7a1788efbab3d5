import { listed } from './listed';

/**
 * Files named in a sentence. One with a line break, or another character that no line should have, is quoted: a message
 * would end in the middle of its name.
 */
export const fileNames = (paths: readonly string[], most?: number): string => listed(paths.map(named), most);

const named = (path: string): string => (/[\u0000-\u001f\u007f]/.test(path) ? JSON.stringify(path) : path);
