import { z } from 'zod';
import { objectIn } from '../process/json-lines';

const block = z.looseObject({
  type: z.string(),
  id: z.string().optional(),
  name: z.string().optional(),
  input: z.unknown().optional(),
  text: z.string().optional(),
  tool_use_id: z.string().optional(),
  /** Of a tool's result. */
  content: z.unknown().optional(),
});

const assistant = z.looseObject({
  type: z.literal('assistant'),
  uuid: z.string().default(''),
  message: z.looseObject({
    id: z.string(),
    model: z.string(),
    content: z.array(block),
    usage: z.record(z.string(), z.unknown()).default({}),
  }),
  /** Set when the message is not the model's but the CLI's own, about a failed call. */
  error: z.string().optional(),
});

const user = z.looseObject({
  type: z.literal('user'),
  message: z.looseObject({ content: z.union([z.string(), z.array(block)]) }),
});

const result = z.looseObject({
  type: z.literal('result'),
  uuid: z.string().default('result'),
  subtype: z.string(),
  is_error: z.boolean(),
  api_error_status: z.number().nullish(),
  result: z.string().default(''),
  /** Why the model's last answer ended; older versions do not tell. */
  stop_reason: z.string().nullish(),
  errors: z.array(z.string()).default([]),
  total_cost_usd: z.number().nonnegative().nullish(),
});

const retry = z.looseObject({
  type: z.literal('system'),
  subtype: z.literal('api_retry'),
  error_status: z.number().nullish(),
  retry_delay_ms: z.number(),
});

const rateLimit = z.looseObject({
  type: z.literal('rate_limit_event'),
  rate_limit_info: z.looseObject({ status: z.string(), resetsAt: z.number().optional() }),
});

/** What matters of the CLI's `stream-json`; a message may come in several parts, a content block each. */
const event = z.union([assistant, user, result, retry, rateLimit]);

export type AssistantEvent = z.infer<typeof assistant>;
export type UserEvent = z.infer<typeof user>;
export type ResultEvent = z.infer<typeof result>;
export type CliEvent = z.infer<typeof event>;
export type Block = z.infer<typeof block>;

/** Null for what is no event, and for events that newer versions add. */
export function eventIn(line: string): CliEvent | null {
  const parsed = event.safeParse(objectIn(line));
  return parsed.success ? parsed.data : null;
}
