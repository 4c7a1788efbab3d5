import pc from 'picocolors';
import type { CliContext } from '../../client/cli/context';
import { runCli } from '../../client/program';
import type { Endpoints } from '../../services';

export interface Captured {
  code: number;
  stdout: string;
  stderr: string;
  /** How often the command asked for services. */
  servicesAsked: number;
}

/** Runs one command line in this process. Without endpoints, asking for services fails. */
export async function cli(
  argv: string[],
  endpoints?: Endpoints,
  cwd = '/',
  env: NodeJS.ProcessEnv = {},
  confirm?: CliContext['confirm'],
  onNote: (line: string) => void = () => undefined,
): Promise<Captured> {
  const out: string[] = [];
  const err: string[] = [];
  let servicesAsked = 0;
  const context: CliContext = {
    env,
    ...(confirm ? { confirm } : {}),
    cwd,
    colours: pc.createColors(false),
    print: (text) => void out.push(text),
    note(text) {
      err.push(text);
      onNote(text);
    },
    async services() {
      servicesAsked++;
      if (!endpoints) throw new Error('no services in this test');
      return endpoints;
    },
    servicesNow: async () => endpoints ?? null,
    interruptible: (work) => work(new AbortController().signal),
  };
  const code = await runCli(argv, context);
  return { code, stdout: out.join('\n'), stderr: err.join('\n'), servicesAsked };
}

/** A database of the test's own, and a Temporal that is not there unless given. */
export function endpointsOf(databaseUrl: string, address = '127.0.0.1:1'): Endpoints {
  const connectConfig = { connectionOptions: { address }, namespace: 'default' };
  return {
    databaseUrl,
    temporal: { address, namespace: 'default', uiUrl: 'http://127.0.0.1:8233', connectConfig },
  };
}
