import { z } from 'zod';
import { objectIn } from '../process/json-lines';

const item = z.looseObject({
  id: z.string(),
  type: z.string(),
  text: z.string().optional(),
  command: z.string().optional(),
  message: z.string().optional(),
});

const usage = z.looseObject({
  input_tokens: z.number(),
  cached_input_tokens: z.number().default(0),
  cache_write_input_tokens: z.number().default(0),
  output_tokens: z.number(),
});

/** What matters of `codex exec --json`. */
const event = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('thread.started'), thread_id: z.string() }),
  z.looseObject({ type: z.literal('item.started'), item }),
  z.looseObject({ type: z.literal('item.completed'), item }),
  z.looseObject({ type: z.literal('turn.completed'), usage }),
  z.looseObject({ type: z.literal('turn.failed'), error: z.looseObject({ message: z.string() }) }),
  z.looseObject({ type: z.literal('error'), message: z.string() }),
]);

export type CodexEvent = z.infer<typeof event>;
export type Item = z.infer<typeof item>;
export type ThreadUsage = z.infer<typeof usage>;

/** Null for what is no event, and for events that newer versions add. */
export function eventIn(line: string): CodexEvent | null {
  const parsed = event.safeParse(objectIn(line));
  return parsed.success ? parsed.data : null;
}
