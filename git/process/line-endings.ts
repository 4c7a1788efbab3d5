import type { Setting } from './environment';
import { ownConfig } from './own-config';

const KEYS = ['core.autocrlf', 'core.eol'];

/**
 * The line endings that the user wants in every checkout, as on Windows: to a git that knows nothing of them, a file that was
 * only touched is one with a change in each line. Nothing where the repository says it itself.
 */
export async function lineEndingSettings(names: string[]): Promise<Setting[]> {
  const unsaid = KEYS.filter((key) => !names.some((name) => name.toLowerCase() === key));
  const said = await Promise.all(
    unsaid.map(async (key): Promise<Setting> => [key, (await ownConfig('--get', key)).trim()]),
  );
  return said.filter(([, value]) => value !== '');
}
