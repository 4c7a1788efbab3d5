import type Anthropic from '@anthropic-ai/sdk';
import { ToolError } from '@anthropic-ai/sdk/lib/tools/ToolError';
import type { betaReadTool } from '@anthropic-ai/sdk/tools/agent-toolset/node';
import type { Guard } from './file-guards';
import { failed, inputText, type Tool, type ToolOutput } from './tool';

type SdkTool = ReturnType<typeof betaReadTool>;

interface Manner {
  /** What it does, for people. */
  doing: string;
  /** The input that says to what. */
  about: string;
  guard: Guard;
}

/** A tool of the SDK, run only when its guard lets it. */
export function sdkTool(sdk: SdkTool, { doing, about, guard }: Manner): Tool {
  const { name, description, input_schema } = sdk as unknown as Anthropic.Beta.BetaTool;
  return {
    definition: { name, description, input_schema },
    describe: (input) => `${doing} ${inputText(input, about) ?? ''}`,
    async run(input, signal) {
      const missing = missingIn(input, [about, ...(input_schema.required ?? [])], about);
      if (missing) return failed(`${name}: "${missing}" is missing`);
      try {
        const done = await guard(input);
        const output = await sdk.run(input, { signal } as Parameters<SdkTool['run']>[1]);
        await done?.();
        return { text: textOf(output), isError: false };
      } catch (error) {
        return refusal(name, error);
      }
    },
  };
}

/**
 * The SDK would take a content that was left out for an empty one, and write `undefined` for a replacement. What is to be
 * there is text in all of its tools, which may be empty but for what they are about.
 */
const missingIn = (input: unknown, names: string[], about: string): string | undefined =>
  names.find((name) => {
    const text = inputText(input, name);
    return text === null || (name === about && text === '');
  });

/** An error's own message may hold paths of this machine, which are none of the model's business. */
function refusal(name: string, error: unknown): ToolOutput {
  if (error instanceof ToolError) return failed(textOf(error.content));
  const { code } = error as NodeJS.ErrnoException;
  return failed(`${name}: ${code ?? 'the input is not what this tool takes'}`);
}

const textOf = (output: string | readonly { type: string; text?: string }[]): string =>
  typeof output === 'string' ? output : output.map(({ text }) => text ?? '').join('\n');
