import type { Budget } from './agent';

/** Why a try cannot go on under a budget. @param model null: the agent's own default, which it does not name */
export const noPrice = (model: string | null, task: number, scope: Budget['scope']): string =>
  `the price of ${model ?? "the agent's default model"}, the model of T${task}, is not known, so the ${scope}'s budget cannot be kept`;
