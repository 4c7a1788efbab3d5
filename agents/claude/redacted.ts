import { storableText } from '../../domain/storable-text';
import { toolCallsOf, type ContentBlock, type Response } from './conversation';
import { inputOrderOf } from './input-order';
import { isThinking } from './thinking';

type Redact = (text: string) => string;

/**
 * The same value with secrets taken out of every string in it, and what can be neither sent nor stored: the API refuses half
 * a surrogate pair, too, which a cut through an emoji leaves.
 */
export function redacted<T>(value: T, redact: Redact): T {
  if (typeof value === 'string') return redact(storableText(value)) as T;
  if (Array.isArray(value)) return value.map((each) => redacted<unknown>(each, redact)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, redacted<unknown>(each, redact)]);
  return Object.fromEntries(entries) as T;
}

/**
 * A response as it is recorded. The model goes on with what it wrote itself, and that is what its tools run: a fixture
 * with a made-up key, or `postgres://postgres:postgres@localhost`, must not reach a file as `[redacted]`.
 */
export function redactedResponse(response: Response, redact: Redact): Response {
  const content = recordable(response.content, redact);
  const inputs = (blocks: ContentBlock[]) =>
    toolCallsOf({ content: blocks }).map(({ input }) => JSON.stringify(input));
  const clean = inputs(content);
  const written = inputs(response.content);
  const redactedCalls = toolCallsOf(response)
    .filter((_call, at) => written[at] !== clean[at])
    .map(({ id }) => id);
  const inputOrder = inputOrderOf(content);
  return { ...response, content, inputOrder, ...(redactedCalls.length ? { redactedCalls } : {}) };
}

/**
 * A response's content as it came, but for what the SDK adds to it, and secrets.
 * Thinking is signed and cannot be changed, so a block with a secret in it is left out.
 */
export function recordable(content: ContentBlock[], redact: Redact): ContentBlock[] {
  return content.flatMap((block) => {
    const plain = JSON.parse(JSON.stringify({ ...block, parsed_output: undefined })) as ContentBlock;
    const clean = redacted(plain, redact);
    return isThinking(plain) && JSON.stringify(clean) !== JSON.stringify(plain) ? [] : [clean];
  });
}
