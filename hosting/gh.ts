import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { temporaryName } from '../domain/temporary-name';
import { launch } from '../git/process/launch';
import { saidOf } from '../git/process/said';
import { hostingEnvironment } from './environment';
import { HostingRefused, HostingUnavailable, isPassing } from './errors';

const TIME_LIMIT_MS = 60_000;

/** GitHub's own command line, with the login of whoever started the worker. */
export interface Gh {
  /** The environment that the login is in. */
  environment: Record<string, string>;
  /** @throws HostingUnavailable, HostingRefused */
  run(args: string[], options?: { input?: string }): Promise<string>;
}

/** Its exit code where it has no login. */
const NO_LOGIN = 4;

const INSTALL_GH =
  'gh is not installed where the worker runs: see https://cli.github.com, then yokeflow down && yokeflow up';

export function createGh(from: NodeJS.ProcessEnv): Gh {
  const environment = hostingEnvironment(from);
  return {
    environment,
    async run(args, { input } = {}) {
      // Not in the repository, or anywhere else where an agent may have left settings: it runs git, too.
      const folder = await mkdtemp(join(tmpdir(), temporaryName('gh', process.pid)));
      try {
        const { exitCode, stdout, stderr, ended } = await launch('gh', args, {
          cwd: folder,
          env: {
            ...environment,
            GH_PROMPT_DISABLED: '1',
            GH_NO_UPDATE_NOTIFIER: '1',
            NO_COLOR: '1',
            GIT_CEILING_DIRECTORIES: dirname(folder),
          },
          input,
          timeLimitMs: TIME_LIMIT_MS,
          encoding: 'utf8',
        }).catch(notStarted);
        if (exitCode === 0) return stdout;
        throw failureOf(args, exitCode, ended === undefined ? stderr : 'took too long');
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

function notStarted(error: unknown): never {
  if (/\bENOENT\b/.test((error as Error).message)) throw new HostingRefused(INSTALL_GH);
  throw error;
}

function failureOf(args: string[], exitCode: number | null, stderr: string): Error {
  const said = saidOf(stderr);
  const what = `gh ${args.slice(0, 2).join(' ')}: ${said}`;
  if (exitCode === NO_LOGIN || /gh auth (login|refresh)|HTTP 401|Bad credentials/i.test(said))
    return new HostingRefused(`${what}; log in: gh auth login`);
  return exitCode === null || isPassing(said) ? new HostingUnavailable(what) : new HostingRefused(what);
}
