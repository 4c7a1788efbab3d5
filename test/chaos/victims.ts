import { setTimeout as sleep } from 'node:timers/promises';
import { OWNER_VARIABLE } from '../../git/process/environment';
import { nameOf, ownIdentity } from '../../processes/identity';
import { argumentsOf, environmentOf, folderOf } from '../../processes/proc-files';
import { listProcesses } from '../../processes/table';

/**
 * Of the processes of this machine, those that work in or on a folder: agents by their mark, git by its arguments. Without
 * the git commands that this process keeps ready for its next question.
 */
export async function processesOf(
  folder: string,
): Promise<{ pid: number; agent: boolean; command: string }[]> {
  const all = await listProcesses();
  const own = `${OWNER_VARIABLE}=${nameOf(await ownIdentity())}`;
  const found = await Promise.all(
    all.map(async ({ pid }) => {
      const [environment, words, cwd] = await Promise.all([
        environmentOf(pid),
        argumentsOf(pid),
        folderOf(pid),
      ]);
      if (environment.includes(own)) return [];
      const command = words.join(' ');
      const agent = environment.some((one) => one.startsWith(`YOKEFLOW_WORKTREE=${folder}`));
      const works = agent || cwd.startsWith(folder) || command.includes(folder);
      return works ? [{ pid, agent, command: command.slice(0, 100) }] : [];
    }),
  );
  return found.flat().filter(({ pid }) => pid !== process.pid);
}

const WAIT_MS = 3_000;

/** SIGKILL for one of the processes that agents started, as soon as there is one; null when none runs for a while. */
export async function killAgentProcess(folder: string, choice: number): Promise<string | null> {
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; await sleep(50)) {
    const agents = (await processesOf(folder)).filter(({ agent }) => agent);
    const victim = agents[Math.floor(choice * agents.length)];
    if (!victim) continue;
    try {
      process.kill(victim.pid, 'SIGKILL');
      return victim.command;
    } catch {
      // It ended by itself a moment ago.
    }
  }
  return null;
}
