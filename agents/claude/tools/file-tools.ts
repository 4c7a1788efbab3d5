import * as fs from 'node:fs';
import { betaEditTool } from '@anthropic-ai/sdk/tools/agent-toolset/node';
import { betaGlobTool, betaGrepTool } from '@anthropic-ai/sdk/tools/agent-toolset/node';
import { betaReadTool, betaWriteTool } from '@anthropic-ai/sdk/tools/agent-toolset/node';
import { guardEdit, guardGlob, guardPath, guardWrite } from './file-guards';
import { sdkTool } from './sdk-tool';
import { withShortPaths } from './short-paths';
import { removeTemporaryFiles } from './temporary-files';
import type { Tool } from './tool';

/** The SDK's file tools, which keep to the worktree, and what we ask of them beyond that. */
export function fileTools(worktree: string): Tool[] {
  const context = { workdir: worktree };
  const cleanUp = (input: unknown) => removeTemporaryFiles(worktree, input);
  const guard = { file: guardPath(worktree, 'file_path'), folder: guardPath(worktree, 'path') };
  const read = sdkTool(betaReadTool(context), { doing: 'reading', about: 'file_path', guard: guard.file });
  const write = sdkTool(betaWriteTool(context), {
    doing: 'writing',
    about: 'file_path',
    guard: guardWrite(worktree),
  });
  const edit = sdkTool(betaEditTool(context), {
    doing: 'editing',
    about: 'file_path',
    guard: guardEdit(worktree),
  });
  const grep = sdkTool(betaGrepTool(context), {
    doing: 'searching for',
    about: 'pattern',
    guard: guard.folder,
  });
  const searches = [grep, ...globTool(worktree)].map((tool) => withShortPaths(worktree, tool));
  return [read, { ...write, cleanUp }, { ...edit, cleanUp }, ...searches];
}

/** Node has had `glob`, which the SDK's tool needs, since version 22. */
function globTool(worktree: string): Tool[] {
  if (!('glob' in fs)) return [];
  const guard = guardGlob(worktree);
  return [sdkTool(betaGlobTool({ workdir: worktree }), { doing: 'listing', about: 'pattern', guard })];
}
