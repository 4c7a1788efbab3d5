import * as fs from 'node:fs';
import { betaEditTool } from '@anthropic-ai/sdk/tools/agent-toolset/node';
import { betaGlobTool } from '@anthropic-ai/sdk/tools/agent-toolset/node';
import { betaReadTool, betaWriteTool } from '@anthropic-ai/sdk/tools/agent-toolset/node';
import { guardEdit, guardGlob, guardRead, guardWrite } from './file-guards';
import { grepTool } from './grep-tool';
import { withLineEndings } from './line-endings';
import { sdkTool } from './sdk-tool';
import { withShortPaths } from './short-paths';
import { removeTemporaryFiles } from './temporary-files';
import type { Tool } from './tool';

/** The SDK's file tools, which keep to the worktree, and what we ask of them beyond that. */
export function fileTools(worktree: string): Tool[] {
  const context = { workdir: worktree };
  const cleanUp = (input: unknown) => removeTemporaryFiles(worktree, input);
  const read = sdkTool(betaReadTool(context), {
    doing: 'reading',
    about: 'file_path',
    guard: guardRead(worktree),
  });
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
  const searches = [grepTool(worktree), ...globTool(worktree)].map((tool) => withShortPaths(worktree, tool));
  return [read, { ...write, cleanUp }, withLineEndings(worktree, { ...edit, cleanUp }), ...searches];
}

/** The SDK lists no more files than this, and does not say so. */
const MOST_LISTED = 200;

const tellingOfMore = (tool: Tool): Tool => ({
  ...tool,
  async run(input, signal) {
    const { text, isError } = await tool.run(input, signal);
    if (text.split('\n').length < MOST_LISTED) return { text, isError };
    const more = `[Of more than ${MOST_LISTED} files only the newest are listed: narrow the pattern to see others.]`;
    return { text: `${text}\n${more}`, isError };
  },
});

/** Node has had `glob`, which the SDK's tool needs, since version 22. */
function globTool(worktree: string): Tool[] {
  if (!('glob' in fs)) return [];
  const guard = guardGlob(worktree);
  const glob = sdkTool(betaGlobTool({ workdir: worktree }), { doing: 'listing', about: 'pattern', guard });
  return [tellingOfMore(glob)];
}
