import { realpath, stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { ToolError } from '@anthropic-ai/sdk/lib/tools/ToolError';
import { resolvePath } from '@anthropic-ai/sdk/tools/agent-toolset/node';

export interface WorktreePath {
  /** Without symbolic links, and inside the worktree. */
  real: string;
  exists: boolean;
}

/**
 * Where a path of the model leads. `.git` is closed to it in any spelling: a worktree's `.git` is a file that says
 * where the repository is, so whoever writes it chooses the hooks and filters that git runs later.
 *
 * A file with a second name (a hard link) is taken as it is: package managers install by them, whoever makes one can read
 * what it leads to anyway, and a tool that writes puts another file in its place.
 *
 * @throws ToolError for what is not inside the worktree, and for `.git`.
 */
export async function worktreePath(worktree: string, path: string): Promise<WorktreePath> {
  if (path.includes('\0')) throw new ToolError(`path ${JSON.stringify(path)} holds a NUL character`);
  refuseGit(path, path);
  const real = await resolvePath({ workdir: worktree }, path);
  refuseGit(relative(await realpath(worktree), real), path);
  const found = await stat(real).catch(() => null);
  // Opening a named pipe blocks until somebody writes to it, and would not even end with the try.
  if (found && !found.isFile() && !found.isDirectory())
    throw new ToolError(`${path} is neither a file nor a folder`);
  return { real, exists: found !== null };
}

/** File systems that ignore case also ignore some invisible characters, trailing dots, and know `.git` as `git~1`. */
const GIT = /^(\.git|git~\d+)[. ]*(:.*)?$/i;
const INVISIBLE = /[\u200c-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;

export const namesGit = (component: string): boolean => GIT.test(component.replace(INVISIBLE, ''));

function refuseGit(path: string, asked: string): void {
  if (path.split(/[\\/]/).some(namesGit))
    throw new ToolError(`${asked} belongs to git, and no file tool may touch that; use git commands instead`);
}
