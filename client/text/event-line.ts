import type { Colors } from 'picocolors/types';
import type { EventType, SessionEvent } from '../../domain/session/events';
import { modelAlias } from '../../domain/cost/models';
import type { DroppedLines } from '../../domain/model';
import { fileNames } from '../../domain/file-names';
import { plural } from '../../domain/plural';
import { droppedText } from './dropped-lines';
import type { PlanNames } from './plan-names';
import { clock, cost, duration, firstLine, money, shortCommit } from './units';

/** Too many to watch; `yokeflow events` shows them. */
export const QUIET_EVENTS: readonly EventType[] = ['agent_turn', 'cost_update'];

/** `14:03:22  T4 Auth models: complete in 1.2 s`. */
export function eventLine(event: SessionEvent, names: PlanNames, colours: Colors): string {
  return `${colours.dim(clock(event.at))}  ${paint(event, colours)(eventText(event, names))}`;
}

/** What happened, in words, on one line. */
export function eventText(event: SessionEvent, names: PlanNames): string {
  const words = WORDS[event.type](event.data, event, names);
  if (event.task !== null) return `${names.task(event.task)}: ${words}`;
  if (event.epic !== null) return `${names.epic(event.epic)}: ${words}`;
  return words;
}

type Data = Record<string, unknown>;

const text = (value: unknown): string =>
  typeof value === 'string' ? firstLine(value) : typeof value === 'number' ? String(value) : '';
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
const because = (data: Data): string => (text(data.reason) ? `: ${text(data.reason)}` : '');
const costing = ({ costUsd, unknown }: Data): string =>
  number(costUsd) > 0 || unknown === true ? `, ${cost(number(costUsd), unknown === true)}` : '';

const WORDS: Record<EventType, (data: Data, event: SessionEvent, names: PlanNames) => string> = {
  session_started: (data) => `session started${mode(data.options)}`,
  batch_started: (data) => `batch ${text(data.batch)} started (${plural(number(data.tasks), 'task')})`,
  task_started: (data) => `started (${agent(data)}${chosen(data)}${nthTry(data)})`,
  agent_turn: (data) => `turn ${text(data.n)}`,
  task_retrying: (data) => `try ${text(data.attempt)} failed, it is tried again${because(data)}`,
  task_complete: (data) => {
    const nothing = data.empty === true ? ', changed nothing' : '';
    return `complete in ${duration(number(data.durationMs))}${costing(data)}${nothing}`;
  },
  task_failed: (data) => `failed${because(data)}`,
  task_blocked: (data) => `blocked${because(data)}`,
  batch_complete: (data) => `batch ${text(data.batch)} ${batchOutcome(data)}`,
  cost_update: (data) => {
    const floor = data.unknown === true ? 'at least ' : '';
    return `${floor}${money(number(data.sessionCostUsd))} spent so far`;
  },
  merge_started: (data, { epic }, names) => {
    if (data.mend !== undefined) return mending(data, epic, names);
    if (data.propose === true) return 'trying the merge with the base branch, for a pull request';
    return `merging ${severalEpics(data.epics)}into the base branch`;
  },
  merge_conflict: (data) => `merge conflict in ${conflictFiles(data.files)}`,
  epic_merged: (data) => `merged as ${shortCommit(text(data.commit))}`,
  epic_proposed: (data) => `pull request #${text(data.number)}: ${text(data.url)}`,
  attention_needed: needsYou,
  session_paused: (data) => (data.paused === false ? 'resumed' : `paused${because(data)}`),
  session_complete: (data) => {
    if (data.idle === true && data.status === 'complete') return 'session complete: nothing to do';
    const took = `in ${duration(number(data.durationSeconds) * 1000)}${costing(data)}`;
    return `session ${text(data.status)} ${took}${because(data)}`;
  },
};

function mode(options: unknown): string {
  if (options === null || typeof options !== 'object') return '';
  const { parallel, maxConcurrency } = options as Data;
  return parallel === true
    ? `, at most ${plural(number(maxConcurrency), 'agent')} at a time`
    : ', one task at a time';
}

/** A batch with tasks that did not complete has ended, but is not complete. */
function batchOutcome(data: Data): string {
  if (['failed', 'blocked', 'skipped'].every((status) => number(data[status]) === 0)) return 'complete';
  const counts = ['complete', 'failed', 'blocked', 'skipped']
    .filter((status) => number(data[status]) > 0)
    .map((status) => `${number(data[status])} ${status}`);
  return `ended: ${counts.join(', ')}`;
}

/** An agent at work on what keeps the epic from being merged. */
function mending(data: Data, epic: number | null, { project }: PlanNames): string {
  if (data.mend === 'started') return `${agent(data)} settles its merge (try ${text(data.try)})`;
  if (data.mend !== 'done') return `its merge is not settled${because(data)}`;
  const dropped = Array.isArray(data.dropped) ? droppedText(data.dropped as DroppedLines[]) : '';
  const without = dropped ? `, without ${dropped}, which git had merged` : '';
  return `its merge is settled${without}: see yokeflow resolution ${epic} --project ${project}`;
}

/** Of one, the line says already which it is. */
function severalEpics(epics: unknown): string {
  return Array.isArray(epics) && epics.length > 1 ? `epics ${epics.map(text).join(', ')} ` : '';
}

/** Why a task failed is in the line above. */
function needsYou(data: Data, { task }: SessionEvent, { project }: PlanNames): string {
  if (text(data.note)) return `note: ${text(data.note)}`;
  const to = `${task} --project ${project}`;
  if (data.outcome === 'failed') return `needs you: yokeflow retry ${to}, or yokeflow skip ${to}`;
  return `needs you${because(data)}`;
}

const agent = (data: Data): string =>
  [text(data.agent), modelAlias(text(data.model))].filter(Boolean).join(' ');
/** A model that nobody named is told with the reason for it. */
const chosen = ({ modelReason }: Data): string =>
  text(modelReason).startsWith('auto') ? `, ${text(modelReason)}` : '';
const nthTry = (data: Data): string => (number(data.attempt) > 1 ? `, try ${text(data.attempt)}` : '');

function conflictFiles(files: unknown): string {
  const paths = Array.isArray(files) ? files.map((file: { path?: unknown }) => text(file.path)) : [];
  return fileNames(paths) || 'unknown files';
}

function paint({ type, data }: SessionEvent, colours: Colors): (text: string) => string {
  if (['task_complete', 'epic_merged', 'epic_proposed'].includes(type)) return colours.green;
  if (type === 'task_failed' || type === 'merge_conflict') return colours.red;
  if (['task_blocked', 'task_retrying', 'attention_needed', 'session_paused'].includes(type))
    return colours.yellow;
  if (type === 'session_complete') return data.status === 'complete' ? colours.green : colours.red;
  return (words) => words;
}
