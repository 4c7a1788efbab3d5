import { isUtf8 } from 'node:buffer';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ToolError } from '@anthropic-ai/sdk/lib/tools/ToolError';
import { inputText } from './tool';
import { namesGit, worktreePath } from './worktree-path';

/** Throws a `ToolError` to refuse a call; may give what to do once the tool is through. */
export type Guard = (input: unknown) => Promise<void | (() => Promise<void>)>;

/** The path that the input names, if it names one, has to be open to the model. */
export const guardPath =
  (worktree: string, property: 'file_path' | 'path'): Guard =>
  async (input) => {
    const path = inputText(input, property);
    if (path !== null) await worktreePath(worktree, path);
  };

/** The SDK makes files and folders that only their owner can read, which is not how a repository's files are. */
export const guardWrite =
  (worktree: string): Guard =>
  async (input) => {
    const { real, exists } = await worktreePath(worktree, inputText(input, 'file_path') ?? '');
    if (exists) return undefined;
    await mkdir(dirname(real), { recursive: true });
    return () => chmod(real, 0o644);
  };

/** The SDK would read any bytes as UTF-8, and write back what it made of them. */
export const guardEdit =
  (worktree: string): Guard =>
  async (input) => {
    const path = inputText(input, 'file_path') ?? '';
    const { real, exists } = await worktreePath(worktree, path);
    if (exists && !isUtf8(await readFile(real)))
      throw new ToolError(`${path} is not UTF-8 text, which an edit would damage; change it with bash`);
  };

export const guardGlob =
  (worktree: string): Guard =>
  async (input) => {
    await guardPath(worktree, 'path')(input);
    const pattern = inputText(input, 'pattern') ?? '';
    if (pattern.split(/[\\/{},]/).some(namesGit))
      throw new ToolError(`${pattern} belongs to git, and no file tool may touch that`);
  };
