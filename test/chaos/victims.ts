import { readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { listProcesses } from '../../agents/process/process-list';
import { OWNER_VARIABLE } from '../../git/process/environment';
import { ownIdentity } from '../../git/process/owner';

/**
 * Of the processes of this machine, those that work in or on a folder: agents by their mark, git by its arguments. Without
 * the git commands that this process keeps ready for its next question.
 */
export async function processesOf(
  folder: string,
): Promise<{ pid: number; agent: boolean; command: string }[]> {
  const all = await listProcesses();
  const own = `${OWNER_VARIABLE}=${await ownIdentity()}\0`;
  const found = await Promise.all(
    all.map(async ({ pid }) => {
      const [environment, command, cwd] = await Promise.all([
        readFile(`/proc/${pid}/environ`, 'latin1').catch(() => ''),
        readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => ''),
        readlink(`/proc/${pid}/cwd`).catch(() => ''),
      ]);
      const agent = environment.includes(`YOKEFLOW_WORKTREE=${folder}`);
      if (environment.includes(own)) return [];
      const works = agent || cwd.startsWith(folder) || command.includes(folder);
      return works ? [{ pid, agent, command: command.replaceAll('\0', ' ').slice(0, 100) }] : [];
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
