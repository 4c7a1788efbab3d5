import path from 'node:path';
import { UsageError } from './exit';

/** A path as a person gave it. An empty one is a variable that was not set, and does not mean this folder. */
export function givenPath(option: string, text: string, cwd: string): string {
  if (text.trim() === '')
    throw new UsageError(`${option} must be a path, got an empty one; this folder is .`);
  return path.resolve(cwd, text);
}
