import { isModelName, MODEL_NAME } from '../cost/models';
import { parseTaskNumber } from '../numbers';
import { textProblem } from '../storable-text';

/** What a person asks for when a task is tried again. */
export interface RetryRequest {
  task: number;
  /** Goes into the prompt of every further try, until other instructions take its place. Empty: none any more. */
  instructions?: string;
  /** A name, an alias or `auto`, for every further try. */
  model?: string;
}

export type ParsedRetry = { ok: true; request: RetryRequest } | { ok: false; message: string };

/** In a plain update it travels through Temporal; `yokeflow retry` takes it to PostgreSQL itself. */
export const MAX_INSTRUCTIONS = 20_000;
const FIELDS = ['task', 'instructions', 'model'];

const refused = (message: string): ParsedRetry => ({ ok: false, message });
const shown = (value: unknown) => JSON.stringify(value)?.slice(0, 60) ?? 'nothing';

/** Reads `7`, `"T7"`, or `{"task":7,"instructions":"...","model":"opus"}`. */
export function parseRetryRequest(input: unknown): ParsedRetry {
  const fields = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : null;
  const task = parseTaskNumber(fields ? { task: fields.task } : input);
  if (task === null) return refused(`task: must be a task number such as 7 or "T7", got ${shown(input)}`);
  if (!fields) return { ok: true, request: { task } };
  const { instructions, model } = fields;
  const unknown = Object.keys(fields).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined)
    return refused(`${unknown.slice(0, 60)}: is not a field; the fields are ${FIELDS.join(', ')}`);
  if (instructions !== undefined && typeof instructions !== 'string')
    return refused(`instructions: must be a text, got ${shown(instructions)}`);
  if (instructions !== undefined && instructions.length > MAX_INSTRUCTIONS)
    return refused(
      `instructions: must be at most ${MAX_INSTRUCTIONS} characters, got ${instructions.length}; put long ones into the plan`,
    );
  const isName = typeof model === 'string' && isModelName(model);
  if (model !== undefined && !isName) return refused(`model: must be ${MODEL_NAME}, got ${shown(model)}`);
  for (const [field, text] of Object.entries({ instructions, model })) {
    const problem = typeof text === 'string' ? textProblem(text) : null;
    if (problem !== null) return refused(`${field}: ${problem}`);
  }
  return {
    ok: true,
    request: {
      task,
      ...(instructions === undefined ? {} : { instructions }),
      ...(isName ? { model } : {}),
    },
  };
}
