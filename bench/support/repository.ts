import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export async function git(folder: string, ...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.com'];
  const { stdout } = await execute('git', ['-C', folder, ...identity, ...args], { maxBuffer: 1 << 26 });
  return stdout.trim();
}

/** A repository with one commit of some files. */
export async function newRepository(path: string, files = 20): Promise<string> {
  await mkdir(path, { recursive: true });
  await git(path, 'init', '--quiet', '--initial-branch=main');
  for (let n = 0; n < files; n++) {
    const folder = join(path, `part-${n % 10}`);
    if (n < 10) await mkdir(folder);
    await writeFile(join(folder, `file-${n}.txt`), `line of file ${n}\n`.repeat(20));
  }
  await git(path, 'add', '--all');
  await git(path, 'commit', '--quiet', '-m', 'start');
  return path;
}
