import { readdir, readFile } from 'node:fs/promises';

/** The processes of one git command that run for a repository. */
export async function gitProcessesOf(gitDir: string, command: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = pids.map(async (pid) => {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    return words.includes(gitDir) && words.includes(command) ? [Number(pid)] : [];
  });
  return (await Promise.all(found)).flat();
}
