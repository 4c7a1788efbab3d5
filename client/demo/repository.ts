import { cp, mkdir, mkdtemp, readdir, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { simpleGit } from 'simple-git';
import { UsageError } from '../cli/exit';

/**
 * Makes the demo's repository: a small web service with one commit on `main`.
 * @param template the folder with the service
 * @param folder where it goes; a new folder among the temporary ones if absent
 * @returns its path
 */
export async function createDemoRepository(template: string, folder?: string): Promise<string> {
  const target = folder === undefined ? await temporaryFolder() : await emptyFolder(folder);
  await cp(template, target, { recursive: true });
  const git = simpleGit(target);
  await git.init(['--initial-branch=main']);
  await git.addConfig('user.name', 'YokeFlow demo');
  await git.addConfig('user.email', 'demo@localhost');
  await git.addConfig('commit.gpgsign', 'false');
  await git.add('.');
  // A hook of the user's own may let nobody commit to main.
  await git.commit('A web service that says hello', undefined, { '--no-verify': null });
  return target;
}

async function temporaryFolder(): Promise<string> {
  return realpath(await mkdtemp(path.join(tmpdir(), 'yokeflow-demo-')));
}

async function emptyFolder(folder: string): Promise<string> {
  const refuse = (problem: string) => {
    throw new UsageError(`--keep: ${folder} ${problem}: give a folder that does not exist yet`);
  };
  const made = await mkdir(folder, { recursive: true }).catch(() => null);
  if (made === null) refuse('cannot be made');
  const content = await readdir(folder);
  if (content.length > 0) refuse('is not empty');
  return realpath(folder);
}

/** The base branch's own commits, newest first, with the merges that landed the epics. */
export async function history(repository: string): Promise<string> {
  return (await simpleGit(repository).raw(['log', '--graph', '--oneline', 'main'])).trimEnd();
}
