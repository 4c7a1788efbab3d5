import type { SilenceLimits } from '../cli/silence';
import type { PlanTools } from './plan-tools';

export interface ClaudeCodeOptions {
  /** Holds the CLI's settings and conversations, a folder for each; outside of any worktree. */
  stateDirectory: string;
  /** Left out, and no token either: the login of the worker's user, whose settings the CLI then uses too. */
  apiKey?: string;
  /** Of a subscription, made by `claude setup-token` for machines without a login; where there is no key. */
  oauthToken?: string;
  /** Another address than the API's own, for a gateway or a test. */
  baseUrl?: string;
  /** A name on the PATH, or a path; default `claude`. */
  program?: string;
  /** Takes secrets out of what is recorded. */
  redact?: (text: string) => string;
  /** Lets the agent edit the plan of its project; left out: it cannot. */
  planTools?: PlanTools;
  silence?: SilenceLimits;
  /** Nano-dollars below which no run starts; default 2 cents, what a first call costs at least. */
  floorNano?: number;
}
