import { createServer, type Server } from 'node:net';
import { serviceStatus } from '../../services/status';
import { waitUntil } from '../../services/wait';

/** Kills a service, and listens at its port before its supervisor can start it again. Close the server at the end. */
export async function takePortOf(env: NodeJS.ProcessEnv, name: string, port: number): Promise<Server> {
  const { supervisor, programs } = await serviceStatus(env);
  process.kill(supervisor!, 'SIGSTOP');
  try {
    process.kill(programs.find((program) => program.name === name)!.pid, 'SIGKILL');
    const server = createServer();
    const listens = () =>
      new Promise<boolean>((resolve) => {
        server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
      });
    if (!(await waitUntil(listens, 10_000, 20))) throw new Error(`port ${port} of ${name} is not free`);
    return server;
  } finally {
    process.kill(supervisor!, 'SIGCONT');
  }
}
