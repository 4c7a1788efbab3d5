import { peekServices } from '../ensure';
import { environmentFor } from '../endpoints';
import { ServicesError } from '../errors';
import { homePaths } from '../home';
import { readSettings } from '../settings';
import { resolveCli } from './resolve-cli';

/**
 * The Temporal CLI, and the environment in which it talks to the server in use.
 * @throws ServicesError when there is neither a CLI nor a running server.
 */
export async function temporalCommand(
  env: NodeJS.ProcessEnv,
  onProgress?: (line: string) => void,
): Promise<{ file: string; env: NodeJS.ProcessEnv }> {
  const settings = readSettings(env);
  const binDir = env.YOKEFLOW_BIN_DIR || homePaths(settings.home).bin;
  const endpoints = await peekServices(env);
  if (!endpoints)
    throw new ServicesError('No Temporal server is running', 'run `yokeflow up`, or set TEMPORAL_ADDRESS');
  const file = await resolveCli({ env, binDir, onProgress });
  // The CLI has no use for the database.
  return { file, env: { ...environmentFor(env, settings, endpoints), DATABASE_URL: undefined } };
}
