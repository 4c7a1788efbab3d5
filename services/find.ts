import type { Endpoints } from './endpoints';
import { ensureServices, peekServices, type EnsureOptions } from './ensure';

/**
 * `needed`: one has to run. `welcome`: the caller needs none, but where something of ours has to be started, so is a
 * worker: one set serves every command, and a session that was open goes on. `own`: the caller is one itself.
 */
export type WorkerWish = 'needed' | 'welcome' | 'own';

/** Where the services are. What is missing is started in the background. */
export async function findServices({
  env,
  worker,
  onProgress,
}: Omit<EnsureOptions, 'worker'> & { worker: WorkerWish }): Promise<Endpoints> {
  const running = worker === 'needed' ? null : await peekServices(env);
  return running ?? ensureServices({ env, worker: worker !== 'own', ...(onProgress ? { onProgress } : {}) });
}
