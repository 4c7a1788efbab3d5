/** What a session tells the world: a row in `events` and a NOTIFY each, exactly once and in order. */
export const EVENT_TYPES = [
  'session_started',
  'batch_started',
  'task_started',
  'agent_turn',
  'task_retrying',
  'task_complete',
  'task_failed',
  'task_blocked',
  'batch_complete',
  'cost_update',
  'merge_started',
  'merge_conflict',
  'epic_merged',
  'epic_proposed',
  'attention_needed',
  'session_paused',
  'session_complete',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export interface SessionEvent {
  /** Position in the session, from 1, without gaps. */
  seq: number;
  type: EventType;
  sessionId: number;
  /** Epic and task numbers of the project, where the event is about one. */
  epic: number | null;
  task: number | null;
  /** ISO 8601, UTC. */
  at: string;
  data: Record<string, unknown>;
}
