import { argumentsOf, processIds } from '../../processes/proc-files';

/** The processes of one git command that run for a repository. */
export async function gitProcessesOf(gitDir: string, command: string): Promise<number[]> {
  const found = (await processIds()).map(async (pid) => {
    const words = await argumentsOf(pid);
    return words.includes(gitDir) && words.includes(command) ? [pid] : [];
  });
  return (await Promise.all(found)).flat();
}
