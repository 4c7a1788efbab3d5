import { realpath } from 'node:fs/promises';
import type { Tool } from './tool';

/** A tool that names files by their whole paths, which would cost on every later turn: by those within the worktree. */
export const withShortPaths = (worktree: string, tool: Tool): Tool => ({
  ...tool,
  async run(input, signal) {
    const { text, isError } = await tool.run(input, signal);
    const roots = [worktree, await realpath(worktree).catch(() => worktree)].map((root) => `${root}/`);
    const short = (line: string) => line.slice(roots.find((root) => line.startsWith(root))?.length ?? 0);
    return { text: text.split('\n').map(short).join('\n'), isError };
  },
});
