import type Anthropic from '@anthropic-ai/sdk';
import type { ToolResult } from '../conversation';
import { headAndTail } from '../../process/output-tail';

/** A tool that the model may call. What goes wrong with the work is a result; what is thrown ends the try. */
export interface Tool {
  definition: Anthropic.Beta.BetaTool;
  /** In a few words, for people: "editing src/a.ts". */
  describe(input: unknown): string;
  run(input: unknown, signal: AbortSignal): Promise<ToolOutput>;
  /** Removes what a run that was killed left behind. */
  cleanUp?(input: unknown): Promise<void>;
}

export interface ToolOutput {
  text: string;
  isError: boolean;
}

/** Characters of one result that the model gets to see. */
export const MAX_RESULT = 30_000;

export const failed = (text: string): ToolOutput => ({ text, isError: true });

/** The API refuses empty text, and a long one costs on every later turn. */
export function toolResult(toolUseId: string, { text, isError }: ToolOutput): ToolResult {
  return {
    type: 'tool_result',
    tool_use_id: toolUseId,
    content: text.trim() ? clipped(text) : '(no output)',
    ...(isError ? { is_error: true } : {}),
  };
}

function clipped(text: string): string {
  if (text.length <= MAX_RESULT) return text;
  return `${headAndTail(text, MAX_RESULT)}\n[Long output: look at the part that you need, for example with a range or a filter.]`;
}

/** A string property of a tool's input, which may be anything at all. */
export function inputText(input: unknown, name: string): string | null {
  const value = (input as Record<string, unknown> | null)?.[name];
  return typeof value === 'string' ? value : null;
}
