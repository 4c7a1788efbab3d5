import { blocksOf, type AnthropicRequest, type Block } from './anthropic-request';

const FIELDS: Record<string, string[]> = {
  request:
    'model max_tokens system tools messages cache_control service_tier stream metadata thinking tool_choice'.split(
      ' ',
    ),
  message: ['role', 'content'],
  tool: ['type', 'name', 'description', 'input_schema', 'cache_control'],
  text: ['type', 'text', 'citations', 'cache_control'],
  thinking: ['type', 'thinking', 'signature'],
  tool_use: ['type', 'id', 'name', 'input', 'caller', 'cache_control'],
  tool_result: ['type', 'tool_use_id', 'content', 'is_error', 'cache_control'],
};

const MAX_MARKS = 4;

/** What a response was, so that a later request can be compared with it. */
export interface Issued {
  /** Canonical JSON of its content. */
  content: string;
  /** The same without thinking, which may be left out. */
  said: string;
  stopReason: string;
  /** What its thinking is bound to: canonical JSON of all that was sent before it. */
  prefix: string;
}

export const issuedFor = (request: AnthropicRequest, content: Block[], stopReason: string): Issued => ({
  content: canonical(content),
  said: canonical(content.filter((block) => !isThinking(block))),
  stopReason,
  prefix: prefixOf(request, request.messages.length),
});

/** The first thinking that comes back after something else than it came after, in the API's words; null for none. */
export function unboundThinking(request: AnthropicRequest, issued: Issued[]): string | null {
  return first(request.messages, ({ content }, index) => {
    const signature = blocksOf(content).find(isThinking)?.signature as string | undefined;
    const response = signature && issued.find((each) => each.content.includes(signature));
    if (!response || response.prefix === prefixOf(request, index)) return null;
    return `messages.${index}.content.0: Invalid \`signature\` in \`thinking\` block. The block is bound to a different conversation.`;
  });
}

const isThinking = ({ type }: Block) => type === 'thinking';

const prefixOf = ({ system, tools, messages }: AnthropicRequest, count: number): string =>
  JSON.stringify([
    canonical(blocksOf(system ?? '')),
    canonical((tools ?? []) as unknown as Block[]),
    ...messages.slice(0, count).map(({ content }) => canonical(blocksOf(content))),
  ]);

/** The first rule of the Messages API that a request breaks, of those that a loop can get wrong; null for none. */
export function brokenRule(request: AnthropicRequest, issued: Issued[]): string | null {
  const marks = JSON.stringify(request).match(/"cache_control":\{/g)?.length ?? 0;
  if (marks > MAX_MARKS) return `${marks} cache_control marks, at most ${MAX_MARKS}`;
  if (!Number.isInteger(request.max_tokens) || request.max_tokens < 1)
    return 'max_tokens: not a positive integer';
  return (
    extraField('request', request) ??
    first(request.tools ?? [], (tool) => extraField('tool', tool)) ??
    first(request.messages, (message) => extraField('message', message)) ??
    first(
      request.messages.flatMap(({ content }) => blocksOf(content)),
      blockProblem,
    ) ??
    first(request.messages, (_, index) => orderProblem(request, index, issued)) ??
    first(request.messages, (_, index) => pairingProblem(request, index))
  );
}

function first<T>(items: readonly T[], problem: (item: T, index: number) => string | null): string | null {
  for (const [index, item] of items.entries()) {
    const found = problem(item, index);
    if (found) return found;
  }
  return null;
}

function extraField(kind: string, value: object): string | null {
  const allowed = FIELDS[kind];
  if (!allowed) return `${kind}: not a known type`;
  const extra = Object.keys(value).find((key) => !allowed.includes(key));
  return extra ? `${kind}.${extra}: extra inputs are not permitted` : null;
}

function blockProblem(block: Block): string | null {
  const extra = extraField(block.type, block);
  if (extra) return extra;
  const text = block.type === 'text' ? block.text : block.type === 'tool_result' ? block.content : 'x';
  return typeof text === 'string' && !text.trim() ? `${block.type}: text must not be blank` : null;
}

function orderProblem({ messages }: AnthropicRequest, index: number, issued: Issued[]): string | null {
  const { role, content } = messages[index]!;
  const before = messages[index - 1];
  if (index === 0 && role !== 'user') return 'messages.0: must be from the user';
  if (role === 'user')
    return before?.role === 'user' ? `messages.${index}: two user messages in a row` : null;
  const sent = canonical(blocksOf(content));
  const response = issued.find(({ content: whole, said }) =>
    [whole, said].some((known) => known === sent || isRedacted(known, sent)),
  );
  if (!response) return `messages.${index}: not a response of this API: a signature or content was changed`;
  const next = messages[index + 1];
  const goesOn = response.stopReason === 'pause_turn';
  return next?.role === 'user' || goesOn
    ? null
    : `messages.${index}: a response must be followed by the user`;
}

/** A conversation that goes on from its record has lost what looks like a secret: only thinking is bound to that. */
function isRedacted(issued: string, sent: string): boolean {
  const pieces = sent.split('[redacted]').map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return pieces.length > 1 && new RegExp(`^${pieces.join('[^]*?')}$`).test(issued);
}

/** Every tool call is answered in the next message, in order, before anything else. */
function pairingProblem({ messages }: AnthropicRequest, index: number): string | null {
  const { role, content } = messages[index]!;
  if (role !== 'user') return null;
  const answers = blocksOf(content).map((block) => block.tool_use_id);
  const before = index > 0 ? blocksOf(messages[index - 1]!.content) : [];
  const calls = before.filter(({ type }) => type === 'tool_use').map(({ id }) => id);
  const results = answers.filter((id) => id !== undefined);
  const paired = JSON.stringify(answers.slice(0, calls.length)) === JSON.stringify(calls);
  if (!paired || results.length !== calls.length)
    return `messages.${index}: calls ${calls.join()} are answered by ${answers.join()}`;
  return null;
}

/** The same for two values that differ in nothing that the API looks at. */
export const canonical = (blocks: Block[]): string =>
  JSON.stringify(blocks.map((block) => sorted({ ...block, cache_control: null })));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const known = Object.entries(value).filter(([, each]) => each !== null);
  known.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(known.map(([key, each]) => [key, sorted(each)]));
}
