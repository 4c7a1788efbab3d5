import type { SchedulerState, TaskEntry } from './scheduler';
import {
  epicView,
  sessionState,
  takesPart,
  waitViews,
  type EpicView,
  type SessionFacts,
} from './status-view';

/** Epics shown at most: the Web UI's page stays readable, and the text far below its 50 kB limit. */
const MAX_EPICS = 40;
const MAX_REASONS = 10;
const MAX_LINE = 120;
/** A conflict names its files and where to resolve them. */
const MAX_WAIT = 300;

const LINKS_FENCE = '```';

/**
 * The live picture for the Web UI and `temporal workflow metadata`: one fixed-width block, since tables lose
 * their padding there and two dollar signs become a formula. It is made anew after every event, also in a replay,
 * so it looks at each task once and builds nothing for those that it does not show.
 */
export function detailsText(facts: SessionFacts, state: SchedulerState, updated: string): string {
  const counts = countTasks(state);
  const lines = [
    headline(facts, state, counts),
    '',
    ...batchLines(state, counts.sizes),
    '',
    ...epicLines(facts, state),
    ...problemLines(counts),
    ...waitLines(facts, state),
  ];
  return [LINKS_FENCE, ...lines, '', `updated ${updated}, press R to refresh`, LINKS_FENCE].join('\n');
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
    if (entry.state === 'complete' || entry.state === 'skipped') counts.done += 1;
    if (entry.state === 'running') counts.running.push(entry.id);
    if (entry.state !== 'failed' && entry.state !== 'blocked') continue;
    counts.problemCount += 1;
    if (counts.problems.length < MAX_REASONS) counts.problems.push(entry);
  }
  return counts;
}

function headline(facts: SessionFacts, state: SchedulerState, { done, running }: Counts): string {
  const agents = running.length
    ? `running ${running.map((task) => `T${task}`).join(' ')}`
    : 'no agent running';
  const mode = facts.parallel ? `at most ${state.config.maxConcurrency} agents` : 'one agent at a time';
  const limit = facts.budgetUsd === null ? '' : ` of ${facts.budgetUsd.toFixed(2)}`;
  const cost = facts.costUsd || limit ? `, ${facts.costUsd.toFixed(2)}${limit} USD` : '';
  return `${facts.project}: ${sessionState(state)}, ${done} of ${state.tasks.size} tasks done, ${agents} (${mode})${cost}`;
}

function batchLines({ batchOpen }: SchedulerState, sizes: number[]): string[] {
  const numbers = Object.keys(sizes).map(Number);
  const shown = numbers.slice(0, MAX_EPICS).map((number) => {
    const size = sizes[number]!;
    const settled = size - (batchOpen[number] ?? 0);
    return `  batch ${String(number).padStart(3)}  ${bar(settled, size)}  ${settled} of ${size} settled`;
  });
  return ['Batches', ...shown, ...more(numbers.length - MAX_EPICS)];
}

const BAR = 20;
function bar(done: number, total: number): string {
  const filled = total === 0 ? BAR : Math.floor((done / total) * BAR);
  return '#'.repeat(filled).padEnd(BAR, '.');
}

function epicLines(facts: SessionFacts, state: SchedulerState): string[] {
  const shown: string[] = [];
  let [settled, open] = [0, 0];
  for (const lane of state.lanes.values()) {
    if (!takesPart(state, lane)) continue;
    if (lane.outcome === 'landed' || lane.outcome === 'nothing') settled += 1;
    else if (++open <= MAX_EPICS) shown.push(epicLine(epicView(state, lane, facts)));
  }
  return [
    'Epics',
    ...(settled ? [`  ${settled} on the base branch`] : []),
    ...shown,
    ...more(open - MAX_EPICS),
  ];
}

function epicLine(epic: EpicView): string {
  const name = oneLine(`${epic.lane} ${epic.name}`).slice(0, 40).padEnd(40);
  const running = epic.running === null ? '' : `  T${epic.running}`;
  const cost = epic.costUsd ? `  ${epic.costUsd.toFixed(2)} USD` : '';
  return `  ${name}  ${epic.status.padEnd(14)} ${epic.done} of ${epic.total}${running}${cost}${epic.reason ? `  ${oneLine(epic.reason)}` : ''}`;
}

function problemLines({ problems, problemCount }: Counts): string[] {
  if (!problemCount) return [];
  const shown = problems.map(({ id, state, reason }) => `  T${id} ${state}: ${oneLine(reason ?? '')}`);
  return ['', 'Problems', ...shown, ...more(problemCount - MAX_REASONS)];
}

function waitLines({ project }: SessionFacts, state: SchedulerState): string[] {
  const waits = waitViews(project, state);
  if (!waits.length) return [];
  const shown = waits
    .slice(0, MAX_REASONS)
    .flatMap(({ reason, commands }) => [
      `  ${oneLine(reason, MAX_WAIT)}`,
      ...commands.map((command, at) => `    ${at ? 'or ' : ''}${command}`),
    ]);
  return ['', 'Waits for a person', ...shown, ...more(waits.length - MAX_REASONS)];
}

/** Terminal escapes would act on whoever prints the text. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;
const more = (count: number): string[] => (count > 0 ? [`  and ${count} more`] : []);
const oneLine = (text = '', most = MAX_LINE) =>
  text.split('\n', 1)[0]!.slice(0, most).replaceAll('`', "'").replace(CONTROL, '');
