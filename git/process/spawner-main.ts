import { nameOf, ownIdentity } from '../../processes/identity';
import { OWNER_VARIABLE } from './environment';
import { runProcess } from './process';
import type { SpawnerReply, SpawnerRequest } from './spawner';

/** The program behind `startSpawner`. It ends with the process that started it. */
const aborts = new Map<number, AbortController>();

async function answer({ id, run }: SpawnerRequest & { run: NonNullable<SpawnerRequest['run']> }) {
  const controller = new AbortController();
  aborts.set(id, controller);
  // What this process started is nobody's once it has been killed, though the worker lives.
  const env = { ...run.options.env, [OWNER_VARIABLE]: nameOf(await ownIdentity()) };
  const reply: SpawnerReply = await runProcess(run.command, run.args, {
    ...{ ...run.options, env },
    signal: controller.signal,
  }).then(
    (output) => ({ id, output }),
    (error: Error) => ({ id, error: error.message }),
  );
  aborts.delete(id);
  process.send?.(reply);
}

process.on('message', (message) => {
  const { id, run } = message as SpawnerRequest;
  if (run) void answer({ id, run });
  else aborts.get(id)?.abort();
});
process.on('disconnect', () => process.exit());
