import { isUtf8 } from 'node:buffer';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { basename, dirname, relative } from 'node:path';
import { ToolError } from '@anthropic-ai/sdk/lib/tools/ToolError';
import { fileBeginning } from '../../process/file-beginning';
import { editable } from './editable';
import { hugeFile } from './huge-file';
import { ripgrep } from './ripgrep';
import { inputText } from './tool';
import { namesGit, worktreePath } from './worktree-path';

/** Throws a `ToolError` to refuse a call; may give what to do once the tool is through. */
export type Guard = (input: unknown) => Promise<void | (() => Promise<void>)>;

/** Without ripgrep the SDK searches in this process, and keeps each line. */
export const guardGrep =
  (worktree: string): Guard =>
  async (input) => {
    const { real } = await worktreePath(worktree, inputText(input, 'path') ?? '.');
    if (await ripgrep()) return;
    const huge = await hugeFile(real);
    if (huge)
      throw new ToolError(
        `${relative(real, huge) || basename(huge)} is too large for this search; use grep in bash`,
      );
  };

/** Of the beginning of a file, as git does it: text holds no NUL. */
const LOOKED_AT = 8_000;

/** The SDK would read any bytes as UTF-8, and the model would pay for what cannot be read. */
export const guardRead =
  (worktree: string): Guard =>
  async (input) => {
    const path = inputText(input, 'file_path') ?? '';
    const { real } = await worktreePath(worktree, path);
    const isFile = (await stat(real).catch(() => null))?.isFile();
    if (isFile && (await fileBeginning(real, LOOKED_AT)).includes(0))
      throw new ToolError(`${path} is not text; look at it with bash (file, xxd, iconv)`);
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
    const bytes = await editable((await worktreePath(worktree, path)).real);
    if (bytes && !isUtf8(bytes))
      throw new ToolError(`${path} is not UTF-8 text, which an edit would damage; change it with bash`);
  };

export const guardGlob =
  (worktree: string): Guard =>
  async (input) => {
    await worktreePath(worktree, inputText(input, 'path') ?? '.');
    const pattern = inputText(input, 'pattern') ?? '';
    if (pattern.split(/[\\/{},]/).some(namesGit))
      throw new ToolError(`${pattern} belongs to git, and no file tool may touch that`);
  };
