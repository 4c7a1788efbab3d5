import type { AgentName } from '../../domain/model';
import type { ProcessIdentity } from '../../processes/identity';

/** One try at a task, as an agent sees it. */
export interface AgentRequest {
  task: number;
  /** What to do: instructions for a model, or a script for the `script` agent. */
  action: string;
  /** The whole of what a model is told, see `domain/task/prompt.ts`; the `script` agent has no use for it. */
  prompt: AgentPrompt;
  /** The worktree: the agent's working directory, and the only place where it should write. */
  directory: string;
  /** A full model id, or null for the agent's own default. */
  model: string | null;
  /** The whole environment of what the agent starts; nothing of the worker's own gets through. */
  environment: Record<string, string>;
  timeoutMs: number;
  /** What of it earlier workers have used up in this try; 0 for an agent that starts over. */
  spentMs: number;
  /** Aborted when the task is cancelled, the worker stops, or a newer try took over the worktree. */
  signal: AbortSignal;
  /** What this try said and did so far: empty, unless an earlier worker was interrupted in it. */
  transcript: Transcript;
  /** What may still be spent, asked before each turn. */
  budget: () => Promise<Budget>;
  /**
   * Sets aside what the next model call may cost, so that agents side by side never promise the same money twice.
   * Waits while it is only the calls of others that stand in the way. The record of the call gives it back.
   */
  reserve: (need: CallNeed) => Promise<Grant>;
  /** Gives back what was reserved for a call that was never accepted. */
  release: () => Promise<void>;
  /** Called before anything runs in a new process group, so that a successor can end what a crash leaves. */
  onProcess: (leader: ProcessIdentity) => Promise<void>;
  /** The group has ended, with everything in it. */
  afterProcess: (leader: ProcessIdentity) => Promise<void>;
  /** Keeps a text that is too long for a prompt in a file outside of the worktree; its path, or null if it could not. */
  keepOutput: (text: string) => Promise<string | null>;
  /** A line for people about what happens now. */
  onActivity: (line: string) => void;
}

export interface AgentPrompt {
  /** Role, rules of the worktree, the project's own AGENTS.md or CLAUDE.md: the same for all tasks of a project. */
  system: string;
  /** This task: what, where it stands, how it is judged, and why the last try failed. */
  task: string;
}

export interface Budget {
  /** Nano-dollars left for this task and for the session, whichever is less; null: no limit. */
  remainingNano: number | null;
  /** Which of the two it is. */
  scope: 'task' | 'session';
}

/** What a model call may cost, in nano-dollars. */
export interface CallNeed {
  /** Below this it is not worth making. */
  leastNano: number;
  /** What it should have while others may still give something back. */
  comfortNano: number;
  mostNano: number;
}

export type Grant = {
  /** What an earlier call may have cost that nobody saw the end of: its worker was killed in it. 0: none. */
  interruptedNano: number;
} & (
  | { kind: 'granted'; nano: number }
  /** `uncertainNano`: what is kept for calls whose end nobody saw. */
  | { kind: 'held'; scope: Budget['scope']; remainingNano: number; uncertainNano: number }
);

/** Append-only, and fenced: a record by a superseded try is refused with `LeaseLost`. */
export interface Transcript {
  /** In the order in which they were recorded. */
  load(): Promise<TranscriptEntry[]>;
  /** Returns once the entry is committed. Recording the same entry again changes nothing. */
  record(entry: TranscriptEntry): Promise<void>;
}

/**
 * `response`: one model response, verbatim. `begin`: a tool call is about to run. `result`: what it gave. `prompt`:
 * what the conversation started with. `session`: the id by which a CLI agent resumes. Others are for people only.
 */
export interface TranscriptEntry {
  /** Turn number, from 1; 0 for what comes before the first. */
  n: number;
  kind: 'prompt' | 'response' | 'begin' | 'result' | 'session' | 'note';
  /** Names the tool call, for `begin` and `result`. */
  toolUseId?: string;
  payload: unknown;
  /** Token counts as the provider reported them. */
  usage?: Record<string, unknown>;
  /** Nano-dollars of this entry; null when there is usage whose price is unknown. */
  costNano?: number | null;
  /** Nano-dollars that a model call may have cost beyond that, since nobody saw its end. */
  uncertainNano?: number;
}

/**
 * How a try ended. A failure of the work is a value; trouble with the network or the machine is thrown, and retried
 * by Temporal in the same try.
 */
export type AgentOutcome =
  | { kind: 'done'; output: string }
  /** `reason` in one line; `output` is the end of what the agent printed, for people and for the next try. */
  | { kind: 'failed'; reason: string; output: string }
  /**
   * The budget does not allow another turn, a usage limit lasts long, or the key or its bill is refused in the middle
   * of the work. The conversation goes on after that.
   */
  | {
      kind: 'held';
      why: 'budget' | 'limit' | 'account';
      reason: string;
      /** Milliseconds, for a limit. */
      forMs?: number;
    };

export interface Agent {
  name: AgentName;
  /**
   * True when a try that was interrupted goes on where it was. False: it starts over, from a clean worktree.
   */
  resumes: boolean;
  run(request: AgentRequest): Promise<AgentOutcome>;
}
