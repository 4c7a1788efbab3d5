import { firstLine } from '../first-line';
import { isFinished } from '../model';
import { plural } from '../plural';
import { flagsOf, RUN_FLAGS } from './run-flags';
import { commandOf } from './shell-command';
import type { LaneEntry, SchedulerState, TaskEntry } from '../scheduler';
import {
  epicView,
  mergeCommand,
  sessionState,
  takesPart,
  takesUpdates,
  waitViews,
  type EpicView,
  type SessionFacts,
} from './status-view';

/** Epics shown at most: the Web UI's page stays readable, and the text far below its 50 kB limit. */
const MAX_EPICS = 40;
const MAX_REASONS = 10;
const MAX_RUNNING = 10;
const MAX_BATCHES = 10;
/** Columns of the Web UI's box beside the summary, in a window of 1280 points; what is longer hangs out of it. */
const WIDTH = 56;
/** Of a task that runs, and of an epic, whose name is the first to give way to what is beside it. */
const TASK_NAME = 22;
const EPIC_NAME = 23;
const MAX_LINE = 120;
/** A conflict names its files and where to resolve them, a refusal what to type. */
const MAX_REASON = 300;

const LINKS_FENCE = '```';

/**
 * The live picture for the Web UI and `temporal workflow metadata`: one fixed-width block, since tables lose
 * their padding there and two dollar signs become a formula. It looks at each task once and builds nothing for those
 * that it does not show.
 */
export function detailsText(facts: SessionFacts, state: SchedulerState, updated: string): string {
  const counts = countTasks(state);
  const lines = [
    ...headLines(facts, state, counts),
    ...waitLines(facts, state),
    ...overLines(facts, state),
    ...runningLines(facts, counts),
    ...epicLines(facts, state),
    ...problemLines(counts),
    ...batchLines(state, counts.sizes),
  ];
  return [LINKS_FENCE, ...lines, '', `updated ${updated} UTC, press R to refresh`, LINKS_FENCE].join('\n');
}

interface Counts {
  done: number;
  running: number[];
  /** Tasks by batch, index 0 unused. */
  sizes: number[];
  problems: TaskEntry[];
  problemCount: number;
}

function countTasks(state: SchedulerState): Counts {
  const counts: Counts = { done: 0, running: [], sizes: [], problems: [], problemCount: 0 };
  for (const entry of state.tasks.values()) {
    counts.sizes[entry.batch] = (counts.sizes[entry.batch] ?? 0) + 1;
    if (isFinished(entry.state)) counts.done += 1;
    if (entry.state === 'running') counts.running.push(entry.id);
    if (entry.state !== 'failed' && entry.state !== 'blocked') continue;
    counts.problemCount += 1;
    if (counts.problems.length < MAX_REASONS) counts.problems.push(entry);
  }
  return counts;
}

function headLines(facts: SessionFacts, state: SchedulerState, { done, running }: Counts): string[] {
  const agents = running.length === 0 ? 'no agent' : plural(running.length, 'agent');
  const most = facts.parallel ? `${state.config.maxConcurrency} at most` : 'one at a time';
  const standing = standingOf(facts.project, endOf(state));
  const tasks = `${done} of ${state.tasks.size} tasks done`;
  const limit = facts.budgetUsd === null ? '' : ` of ${facts.budgetUsd.toFixed(2)}`;
  const cost = facts.costUsd || limit ? `, ${facts.costUsd.toFixed(2)}${limit} USD` : '';
  const both = `${standing}, ${tasks}`;
  return [
    ...(both.length <= WIDTH ? [both] : [standing, `  ${tasks}`]),
    `${agents} at work (${most})${cost}`,
  ];
}

/** A long name gives way to what it is said of. */
function standingOf(project: string, end: string): string {
  const room = WIDTH - end.length - 2;
  return `${project.length <= room ? project : `${project.slice(0, room - 3)}...`}: ${end}`;
}

/** What a session that is over came to: `finished` alone would tell a cancelled one from none. */
function endOf(state: SchedulerState): string {
  if (!state.finished) return sessionState(state);
  if (state.stopping === 'cancel') return 'cancelled';
  if (state.stopping === 'suspend') return 'goes on in its next run';
  const done = [...state.tasks.values()].every((task) => isFinished(task.state) || task.state === 'excluded');
  const landed = [...state.lanes.values()].every(({ outcome, unlanded }) =>
    outcome === null ? !unlanded : SETTLED.includes(outcome),
  );
  return done && landed ? 'complete' : 'incomplete';
}

const SETTLED: LaneEntry['outcome'][] = ['landed', 'nothing', 'proposed'];

/** Instead of updates, which a closed workflow does not take. */
function overLines({ project, options }: SessionFacts, state: SchedulerState): string[] {
  const end = endOf(state);
  if (!state.finished || state.stopping === 'suspend') return [];
  const status = `yokeflow status --project ${project}`;
  if (end === 'complete') return ['', 'It is over', `  ${status}`];
  return ['', 'It is over: see what is left, and go on', `  ${status}`, ...runAgain(project, options)];
}

/** As it was started. A backtick could break out of the block: then only the status says it. */
function runAgain(project: string, options: SessionFacts['options']): string[] {
  const parts = [['yokeflow', 'run']];
  // An option stays beside its value, in which a break would be one more character.
  for (const word of ['--project', project, ...flagsOf(options)]) {
    if (FLAGS.includes(word)) parts.push([word]);
    else parts.at(-1)!.push(word);
  }
  const commands = parts.map(commandOf);
  return commands.some((command) => command.includes('`')) ? [] : continued(commands);
}

const FLAGS = Object.values(RUN_FLAGS);

function runningLines({ started }: SessionFacts, { running }: Counts): string[] {
  if (!running.length) return [];
  const shown = running.slice(0, MAX_RUNNING).map((task) => {
    const { title = '', agent = '', since = '' } = started?.get(task) ?? {};
    const name = oneLine(`T${task} ${title}`, TASK_NAME).padEnd(TASK_NAME);
    return `  ${name} ${oneLine(agent, 15)}${since && `, since ${since}`}`;
  });
  return ['', 'Running', ...shown, ...more(running.length - MAX_RUNNING)];
}

/** Batches that are over say nothing any more. */
function batchLines({ batchOpen }: SchedulerState, sizes: number[]): string[] {
  const open = Object.keys(sizes)
    .map(Number)
    .filter((number) => (batchOpen[number] ?? 0) > 0);
  const over = Object.keys(sizes).length - open.length;
  const shown = open.slice(0, MAX_BATCHES).map((number) => {
    const size = sizes[number]!;
    const settled = size - (batchOpen[number] ?? 0);
    return `  batch ${String(number).padStart(3)}  ${bar(settled, size)}  ${settled} of ${size} settled`;
  });
  return [
    '',
    'Batches',
    ...(over ? [`  ${plural(over, 'batch', 'batches')} over`] : []),
    ...shown,
    ...more(open.length - MAX_BATCHES),
  ];
}

const BAR = 20;
function bar(done: number, total: number): string {
  const filled = total === 0 ? BAR : Math.floor((done / total) * BAR);
  return '#'.repeat(filled).padEnd(BAR, '.');
}

function epicLines(facts: SessionFacts, state: SchedulerState): string[] {
  const shown: string[] = [];
  let [settled, open] = [0, 0];
  const waits = waitViews(facts.project, state).slice(0, MAX_REASONS);
  const told = new Set(waits.flatMap(({ commands }) => commands));
  for (const lane of state.lanes.values()) {
    if (!takesPart(state, lane)) continue;
    if (lane.outcome === 'landed' || lane.outcome === 'nothing') settled += 1;
    else if (++open <= MAX_EPICS)
      shown.push(...epicText(epicView(state, lane, facts)), ...mergeLines(facts, state, { lane, told }));
  }
  return [
    '',
    'Epics',
    ...(settled ? [`  ${plural(settled, 'epic')} on the base branch`] : []),
    ...shown,
    ...more(open - MAX_EPICS),
  ];
}

function epicText(epic: EpicView): string[] {
  const cost = epic.costUsd ? `  ${epic.costUsd.toFixed(2)} USD` : '';
  const status = epic.status.replace('waits to be mended', 'to be mended');
  const beside = ` ${status.padEnd(13)} ${epic.done} of ${epic.total}${cost}`;
  const room = Math.min(EPIC_NAME, WIDTH - 2 - beside.length);
  const name = oneLine(`${epic.lane.replace('epic-', '')} ${epic.name}`, room).padEnd(room);
  const line = `  ${name}${beside}`;
  return [line, ...(epic.reason ? wrapped(oneLine(epic.reason), '    ') : [])];
}

const MERGEABLE: LaneEntry['outcome'][] = ['conflict', 'blocked', 'rejected'];

/** The session does not wait for such an epic, yet it can be merged for as long as the session is open. `told`: commands above. */
function mergeLines(
  { project }: SessionFacts,
  state: SchedulerState,
  { lane, told }: { lane: LaneEntry; told: ReadonlySet<string> },
): string[] {
  if (!takesUpdates(state) || !MERGEABLE.includes(lane.outcome) || lane.blockedBy !== null) return [];
  const command = mergeCommand(project, lane.id);
  return told.has(command) ? [] : ['    once that is settled', ...commandLines(command)];
}

function problemLines({ problems, problemCount }: Counts): string[] {
  if (!problemCount) return [];
  const shown = problems.flatMap(({ id, state, reason }) =>
    wrapped(`T${id} ${state}: ${oneLine(reason ?? '', MAX_REASON)}`, '  '),
  );
  return ['', 'Problems', ...shown, ...more(problemCount - MAX_REASONS)];
}

function waitLines({ project }: SessionFacts, state: SchedulerState): string[] {
  const waits = waitViews(project, state);
  if (!waits.length) return [];
  const shown = waits
    .slice(0, MAX_REASONS)
    .flatMap(({ reason, commands }) => [
      ...wrapped(oneLine(reason, MAX_REASON), '  '),
      ...commands.flatMap((command, at) => [...(at ? ['    or'] : []), ...commandLines(command)]),
    ]);
  return ['', 'Waits for a person: one of these', ...shown, ...more(waits.length - MAX_REASONS)];
}

/** On lines that can still be pasted as one command. */
function commandLines(command: string): string[] {
  return continued(command.split(/ (?=-w )/), '    ');
}

/** On as few lines as fit, divided only between these parts. */
function continued(parts: readonly string[], indent = '  '): string[] {
  const command = parts.join(' ');
  if (command.length + indent.length <= WIDTH) return [`${indent}${command}`];
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length + 3 <= WIDTH)
      lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(`${indent}${lines.length ? '  ' : ''}${part}`);
  }
  return lines.map((line, at) => (at < lines.length - 1 ? `${line} \\` : line));
}

/** The text on lines that fit, broken between words: what is longer than a line, such as a path, stays whole. */
function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${lines.length ? `${indent}  ` : indent}${word}`);
  }
  return lines;
}

const more = (count: number): string[] => (count > 0 ? [`  and ${count} more`] : []);
const oneLine = (text = '', most = MAX_LINE) => firstLine(text, most).replaceAll('`', "'");
