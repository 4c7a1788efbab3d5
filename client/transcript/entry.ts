import type { Turn } from '../../db/task/turns';

/** What an entry of a transcript tells a person, whichever agent wrote it. */
export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'thinking'; text: string }
  | { kind: 'call'; id: string; name: string; input: unknown }
  | { kind: 'result'; id: string; text: string; isError: boolean }
  | { kind: 'prompt'; text: string }
  | { kind: 'note'; text: string };

type Data = Record<string, unknown>;

const data = (value: unknown): Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Data) : {};
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): Data[] => (Array.isArray(value) ? value.map(data) : []);

/** Reads an entry; what it does not know is told as JSON, never left out. */
export function partsOf({ kind, payload, toolUseId }: Pick<Turn, 'kind' | 'payload' | 'toolUseId'>): Part[] {
  switch (kind) {
    case 'prompt':
      return [{ kind: 'prompt', text: promptText(payload) }];
    case 'response':
      return 'content' in data(payload) ? contentParts(data(payload)) : codexParts(data(payload));
    case 'begin':
      // Claude Code's has the call in it; that of others is in the response.
      return 'input' in data(payload) ? blockParts({ ...data(payload), id: toolUseId }) : [];
    case 'result':
      return [resultPart(toolUseId, data(payload))];
    case 'session':
      return [{ kind: 'note', text: `conversation ${text(data(payload).id)}` }];
    default:
      return noteParts(payload);
  }
}

function promptText(payload: unknown): string {
  if (typeof payload === 'string') return payload;
  const { system, task } = data(payload);
  return [text(task), text(system)].filter(Boolean).join('\n\n');
}

const contentParts = ({ content }: Data): Part[] =>
  typeof content === 'string' ? [{ kind: 'text', text: content }] : list(content).flatMap(blockParts);

/** A content block of the Messages API. */
function blockParts(block: Data): Part[] {
  switch (block.type) {
    case 'text':
      return text(block.text).trim() ? [{ kind: 'text', text: text(block.text) }] : [];
    case 'thinking':
      return text(block.thinking).trim() ? [{ kind: 'thinking', text: text(block.thinking) }] : [];
    case 'redacted_thinking':
      return [];
    case 'tool_use':
      return [{ kind: 'call', id: text(block.id), name: text(block.name) || 'tool', input: block.input }];
    default:
      return [{ kind: 'note', text: JSON.stringify(block) }];
  }
}

function resultPart(id: string, { content, is_error }: Data): Part {
  const said =
    typeof content === 'string'
      ? content
      : list(content)
          .map((block) => (block.type === 'text' ? text(block.text) : `[${text(block.type) || 'content'}]`))
          .join('\n');
  return { kind: 'result', id, text: said, isError: is_error === true };
}

/** An item of `codex exec --json`: a command comes with its output. */
function codexParts(item: Data): Part[] {
  const id = text(item.id);
  switch (item.type) {
    case 'agent_message':
      return [{ kind: 'text', text: text(item.text) }];
    case 'reasoning':
      return [{ kind: 'thinking', text: text(item.text) }];
    case 'command_execution': {
      const { exit_code: code, aggregated_output: output } = item;
      const failed = typeof code === 'number' && code !== 0;
      const said = [text(output).trimEnd(), failed ? `[exit code ${code}]` : ''].filter(Boolean).join('\n');
      return [
        { kind: 'call', id, name: 'shell', input: { command: item.command } },
        { kind: 'result', id, text: said, isError: failed },
      ];
    }
    case 'file_change': {
      const changes = list(item.changes).map(({ kind, path }) => `${text(kind)} ${text(path)}`.trim());
      return [{ kind: 'note', text: `changed files: ${changes.join(', ')}` }];
    }
    default:
      return [{ kind: 'note', text: text(item.message) || JSON.stringify(item) }];
  }
}

function noteParts(payload: unknown): Part[] {
  const { model, reason, failedCall, thinkingFrom, brokeOff, heldFor, unpriced, outcome, content } =
    data(payload);
  if (content !== undefined) return contentParts(data(payload));
  const note = (words: string): Part[] => [{ kind: 'note', text: words }];
  if (failedCall !== undefined) return note(`a model call failed: ${text(failedCall)}`);
  if (thinkingFrom !== undefined)
    return note('what was thought so far is not sent any more, since what came before it has changed');
  if (brokeOff !== undefined) return note(`an answer of the API broke off: ${text(brokeOff)}`);
  if (heldFor !== undefined) return note(`a limit holds it: ${text(heldFor)}`);
  if (unpriced !== undefined) return note(`the price of ${text(unpriced)} is not known`);
  if (outcome !== undefined) {
    const { kind, reason: why } = data(outcome);
    return note(`the CLI ended: ${text(kind) || 'without a result'}${text(why) ? `, ${text(why)}` : ''}`);
  }
  if (model !== undefined) return note(`model ${text(model)}${text(reason) ? `: ${text(reason)}` : ''}`);
  return note(typeof payload === 'string' ? payload : JSON.stringify(payload));
}
