/** Where a task's commit came from. */
export interface Provenance {
  task: number;
  session: number;
  attempt: number;
  agent: string;
  /** Null: the agent's own default, which it did not name. */
  model: string | null;
  /** Of the task, failed attempts included; null where it is not known, or where no model was paid. */
  costUsd: number | null;
}

/** The trailers of a task's commit, for `git log` alone to tell the story. The same facts give the same text. */
export function provenanceTrailers(of: Provenance): string {
  const { task, session, attempt, agent, model, costUsd } = of;
  return [
    `YokeFlow-Task: ${task}`,
    `YokeFlow-Session: ${session}`,
    `YokeFlow-Attempt: ${attempt}`,
    `YokeFlow-Agent: ${agent}`,
    ...(model === null ? [] : [`YokeFlow-Model: ${oneWord(model)}`]),
    ...(costUsd === null || costUsd <= 0 ? [] : [`YokeFlow-Cost: ${micros(costUsd)} USD`]),
  ].join('\n');
}

const SMALLEST_USD = 0.000001;

/** What cost something never shows as nothing. */
const micros = (usd: number): string => Math.max(usd, SMALLEST_USD).toFixed(6);

/** A line break in it would end the trailer, and could begin another one. */
const oneWord = (text: string): string => text.trim().replace(/[\s\p{Cc}]+/gu, '-');
