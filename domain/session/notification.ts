import type { EventType } from './events';
import { harmlessLine } from '../harmless';
import { shortened } from '../shortened';
import { allLanded } from './session-result';

/** What a person who is not watching is told of: a session has ended, or cannot go on without them. */
export type NotificationKind = 'attention_needed' | 'session_complete';

/** An event that is worth a notification, and its session. */
export interface NewsEvent {
  sessionId: number;
  seq: number;
  type: EventType;
  epic: number | null;
  task: number | null;
  /** ISO 8601, UTC. */
  at: string;
  data: Record<string, unknown>;
  project: string;
  workflowId: string;
}

/** As it is sent: what a webhook's body and a command's standard input hold, as JSON. */
export interface Notification {
  /** The same for every channel: whoever receives it can tell what it has seen. */
  id: string;
  event: NotificationKind;
  project: string;
  session: number;
  workflowId: string;
  at: string;
  epic: number | null;
  task: number | null;
  /** Of the session, once it has ended. */
  status?: string;
  /** One line for people. Chat services show the field `text`. */
  text: string;
  /** The command to type next. */
  command: string;
}

const MAX_TEXT = 500;

/** @param redact takes secrets out of what an agent or a repository wrote */
export function notificationOf(event: NewsEvent, redact: (text: string) => string): Notification {
  const { sessionId, seq, type, project, workflowId, at, epic, task, data } = event;
  const ended = type === 'session_complete';
  return {
    id: `yokeflow-${sessionId}-${seq}`,
    event: ended ? 'session_complete' : 'attention_needed',
    ...{ project, session: sessionId, workflowId, at, epic, task },
    ...(ended ? { status: text(data.status) } : {}),
    text: shortened(harmlessLine(redact(ended ? ending(event) : waiting(event))), MAX_TEXT),
    command: `yokeflow status --project ${project}`,
  };
}

function waiting({ project, type, epic, task, data }: NewsEvent): string {
  if (type === 'session_paused') return `${project} is paused: ${text(data.reason)}`;
  // What a person should know, with nothing to do about it.
  if (data.note) return `${project}: ${text(data.note)}`;
  const what = task !== null ? `T${task}` : epic !== null ? `epic ${epic}` : 'the session';
  const how = data.outcome === 'failed' ? `${what} failed` : what;
  return `${project} needs you: ${how}${data.reason ? `: ${text(data.reason)}` : ''}`;
}

const STATUSES = ['complete', 'skipped', 'failed', 'blocked', 'pending'];

function ending({ project, data }: NewsEvent): string {
  if (data.idle === true && data.status === 'complete') return `${project}: nothing to do`;
  const tasks = (data.tasks ?? {}) as Record<string, unknown>;
  const counts = STATUSES.filter((status) => number(tasks[status]) > 0).map(
    (status) => `${number(tasks[status])} ${status}`,
  );
  const floor = data.unknown === true ? 'at least ' : '';
  const spent = number(data.costUsd) > 0 ? `, ${floor}${number(data.costUsd).toFixed(2)} USD` : '';
  const minutes = Math.round(number(data.durationSeconds) / 60);
  const took = minutes > 0 ? ` in ${minutes} min` : '';
  const why = data.reason ? ` (${text(data.reason)})` : '';
  return `${project}: ${outcome(data, tasks)}${took}${spent}${why}; tasks: ${counts.join(', ') || 'none'}`;
}

function outcome(data: NewsEvent['data'], tasks: Record<string, unknown>): string {
  const status = text(data.status);
  const proposed = Array.isArray(data.pullRequests) ? data.pullRequests.map(text) : [];
  if (status === 'complete') return allLanded(tasks, proposed);
  return status === 'incomplete' ? 'not everything landed' : `the session ended as ${status}`;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
