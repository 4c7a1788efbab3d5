import { editable } from './editable';
import { inputText, type Tool } from './tool';
import { worktreePath } from './worktree-path';

/**
 * An edit in a file whose lines all end in CRLF, which a model writes as LF: it would not find two lines, and would leave
 * the file with both.
 */
export const withLineEndings = (worktree: string, tool: Tool): Tool => ({
  ...tool,
  async run(input, signal) {
    return tool.run((await isCrlf(worktree, input)) ? inCrlf(input as object) : input, signal);
  },
});

/** Of what no tool may touch nothing is known: the tool itself refuses that. */
async function isCrlf(worktree: string, input: unknown): Promise<boolean> {
  const place = await worktreePath(worktree, inputText(input, 'file_path') ?? '').catch(() => null);
  const text = place && (await editable(place.real))?.toString('latin1');
  return !!text && text.includes('\n') && !/(?<!\r)\n/.test(text);
}

function inCrlf(input: object): object {
  const changed: Record<string, string> = {};
  for (const name of ['old_string', 'new_string']) {
    const text = inputText(input, name);
    if (text !== null) changed[name] = text.replace(/\r?\n/g, '\r\n');
  }
  return { ...input, ...changed };
}
