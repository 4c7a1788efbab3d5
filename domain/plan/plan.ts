import type { Dependency } from '../graph/graph';
import type { AgentName } from '../model';

/** A plan with every default filled in: what a plan file says, and what an import writes down. */
export interface Plan {
  project: string;
  /** A shell command that has to pass after each task and before each merge. */
  verify?: string;
  /** A shell command that runs once in each new worktree. */
  setup?: string;
  /** A shell command that runs in each worktree before it is removed. */
  cleanup?: string;
  epics: PlanEpic[];
}

export interface PlanEpic {
  id: number;
  name: string;
  tasks: PlanTask[];
}

export interface PlanTask {
  /** Unique in the project, not only in the epic. */
  id: number;
  description: string;
  /** The agent's instructions, or the script that `script` runs; empty where the description says it all. */
  action: string;
  /** Lower goes first. */
  priority: number;
  dependsOn: Dependency[];
  agent?: AgentName;
  model?: string;
  verify?: string;
  budgetUsd?: number;
}

export const DEFAULT_PRIORITY = 100;
