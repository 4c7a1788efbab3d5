import type { SilenceLimits } from '../cli/silence';
import type { TokenUsage } from '../../domain/cost/token-usage';

export interface CodexOptions {
  /** Holds the CLI's settings and conversations, a folder for each; outside of any worktree. */
  stateDirectory: string;
  /** Left out: the login of the worker's user, whose settings the CLI then uses too. */
  apiKey?: string;
  /** Another address than the API's own, for a gateway or a test; it has to speak the Responses API. */
  baseUrl?: string;
  /** A name on the PATH, or a path; default `codex`. */
  program?: string;
  /** Takes secrets out of what is recorded. */
  redact?: (text: string) => string;
  /** Nano-dollars below which no run starts; default 2 cents. */
  floorNano?: number;
  silence?: SilenceLimits;
  /** Nano-dollars; null for a model whose price is not known. Default: our own price table. */
  price?: (model: string, usage: TokenUsage) => number | null;
}
