import { MODEL_ALIASES, type ModelAlias } from '../cost/models';
import { usdFromNano } from '../cost/money';
import { makespan } from './makespan';
import type { Plan } from './plan';
import { priceOf } from '../cost/pricing';

/** What tasks took so far, with one model: an average of complete tries. */
export interface Experience {
  model: string;
  tries: number;
  minutes: number;
  costUsd: number;
}

export interface ModelForecast {
  /** Null: the plan has only scripts, which need none. */
  model: ModelAlias | null;
  minutes: number;
  /** Null: the model has no known price. */
  costUsd: number | null;
  /** How many complete tries it is taken from; 0: assumed. */
  tries: number;
}

/** What is assumed of a task where there is too little experience. Usage is that of one turn: prices go by the call. */
const ASSUMED = {
  minutes: 6,
  turns: 30,
  usage: { input: 700, output: 400, cacheWrite5m: 1_300, cacheWrite1h: 0, cacheRead: 20_000 },
};
const SCRIPT_MINUTES = 0.2;
const ENOUGH_TRIES = 3;

/** How long the plan takes, and what it costs, with each model; once, where all of its tasks are scripts, which cost nothing. */
export function forecast(
  plan: Plan,
  maxConcurrency: number,
  experience: readonly Experience[],
): ModelForecast[] {
  const tasks = plan.epics.flatMap((epic) => epic.tasks.map((task) => ({ ...task, epic: epic.id })));
  const paid = tasks.filter(({ agent }) => agent !== 'script').length;
  const play = (minutes: number) =>
    makespan(tasks, maxConcurrency, (task) => (task.agent === 'script' ? SCRIPT_MINUTES : minutes));
  if (paid === 0) return [{ model: null, minutes: play(0), costUsd: 0, tries: 0 }];
  return (Object.keys(MODEL_ALIASES) as ModelAlias[]).map((model) => {
    const id = MODEL_ALIASES[model];
    const known = experience.find((one) => one.model === id && one.tries >= ENOUGH_TRIES);
    const nano = priceOf(id, ASSUMED.usage);
    const each = known?.costUsd ?? (nano === null ? null : usdFromNano(nano * ASSUMED.turns));
    const minutes = known?.minutes ?? ASSUMED.minutes;
    return {
      model,
      minutes: play(minutes),
      costUsd: each === null ? null : each * paid,
      tries: known?.tries ?? 0,
    };
  });
}
