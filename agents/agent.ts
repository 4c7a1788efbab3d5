import type { AgentName } from '../domain/model';

/** One try at a task, as an agent sees it. */
export interface AgentRequest {
  task: number;
  /** What to do: instructions for a model, or a script for the `script` agent. */
  action: string;
  /** The worktree: the agent's working directory, and the only place where it should write. */
  directory: string;
  model: string | null;
  /** The whole environment of what the agent starts; nothing of the worker's own gets through. */
  environment: Record<string, string>;
  timeoutMs: number;
  /** Aborted when the task is cancelled, the worker stops, or a newer try took over the worktree. */
  signal: AbortSignal;
  /** Called before anything runs in a new process group, so that a successor can end what a crash leaves. */
  onProcess(process: ProcessIdentity): Promise<void>;
  /** A line for people about what happens now. */
  onActivity(line: string): void;
}

/** Pids are reused: only together with its start time does one name a process. */
export interface ProcessIdentity {
  /** Process group id, which is the pid of its leader. */
  pgid: number;
  /** Start time of the leader, in clock ticks since boot; null where the system does not tell. */
  startTime: string | null;
}

/**
 * How a try ended. A failure of the work is a value; only trouble with the machine or the network is thrown.
 */
export interface AgentOutcome {
  ok: boolean;
  /** Why it failed, in one line; empty when it did not. */
  reason: string;
  /** The end of what the agent printed, for people and for the next try. */
  output: string;
  /** Nano-dollars; null when the price is unknown, 0 for an agent that costs nothing. */
  costNano: number | null;
}

export interface Agent {
  name: AgentName;
  /**
   * True when a try that was interrupted goes on where it was. False: it starts over, from a clean worktree.
   */
  resumes: boolean;
  run(request: AgentRequest): Promise<AgentOutcome>;
}
