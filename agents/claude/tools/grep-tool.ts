import { betaGrepTool } from '@anthropic-ai/sdk/tools/agent-toolset/node';
import { guardGrep } from './file-guards';
import { ripgrep, searchWith } from './ripgrep';
import { sdkTool } from './sdk-tool';
import type { Tool } from './tool';
import { worktreePath } from './worktree-path';

const DESCRIPTION =
  'Search file contents for a regex, in hidden files too. What git ignores may be left out: name its path to search there.';

interface Input {
  pattern: string;
  path?: string;
}

/** The SDK's search; with ripgrep in a way of our own, since the SDK's finds nothing in hidden files. */
export function grepTool(worktree: string): Tool {
  const builtIn = betaGrepTool({ workdir: worktree });
  const search: typeof builtIn.run = async (input: Input, context) => {
    const program = await ripgrep();
    if (!program) return builtIn.run(input, context);
    const { real } = await worktreePath(worktree, input.path ?? '.');
    return searchWith(program, { pattern: input.pattern, path: real, signal: context?.signal ?? null });
  };
  const manner = { doing: 'searching for', about: 'pattern', guard: guardGrep(worktree) };
  const tool = sdkTool({ ...builtIn, run: search }, manner);
  return { ...tool, definition: { ...tool.definition, description: DESCRIPTION } };
}
