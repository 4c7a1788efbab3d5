import { argumentsOf, processIds } from '../../../processes/proc-files';

/** Arguments of `sleep` that no other process of this machine has. */
export const marker = (): string => `${1000 + Math.floor(Math.random() * 1e6)}.${process.pid}`;

/** The command lines of living processes that mention `text`. */
export async function processesWith(text: string): Promise<string[]> {
  const others = (await processIds()).filter((pid) => pid !== process.pid);
  const lines = await Promise.all(others.map(async (pid) => (await argumentsOf(pid)).join(' ')));
  return lines.filter((line) => line.includes(text));
}

export async function until(condition: () => Promise<boolean>, ms = 30_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms in vain`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
