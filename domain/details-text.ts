import type { EpicView, StatusView } from './status-view';

/** Epics shown at most: the Web UI's page stays readable, and the text far below its 50 kB limit. */
const MAX_EPICS = 40;
const MAX_REASONS = 10;
const MAX_LINE = 120;
/** A conflict names its files and where to resolve them. */
const MAX_WAIT = 300;

const LINKS_FENCE = '```';

/**
 * The live picture for the Web UI and `temporal workflow metadata`: one fixed-width block, since tables lose
 * their padding there and two dollar signs become a formula.
 */
export function detailsText(view: StatusView, updated: string): string {
  const lines = [
    headline(view),
    '',
    ...batchLines(view),
    '',
    ...epicLines(view),
    ...problemLines(view),
    ...waitLines(view),
  ];
  return [LINKS_FENCE, ...lines, '', `updated ${updated}, press R to refresh`, LINKS_FENCE].join('\n');
}

function headline(view: StatusView): string {
  const done = view.tasks.filter((task) => task.status === 'complete' || task.status === 'skipped').length;
  const agents = view.running.length
    ? `running ${view.running.map((task) => `T${task}`).join(' ')}`
    : 'no agent running';
  const mode = view.parallel ? `at most ${view.maxConcurrency} agents` : 'one agent at a time';
  const limit = view.budgetUsd === null ? '' : ` of ${view.budgetUsd.toFixed(2)}`;
  const cost = view.costUsd || limit ? `, ${view.costUsd.toFixed(2)}${limit} USD` : '';
  return `${view.project}: ${view.state}, ${done} of ${view.tasks.length} tasks done, ${agents} (${mode})${cost}`;
}

function batchLines(view: StatusView): string[] {
  const shown = view.batches.slice(0, MAX_EPICS).map((batch) => {
    const settled = batch.tasks.length - batch.open;
    return `  batch ${String(batch.number).padStart(3)}  ${bar(settled, batch.tasks.length)}  ${settled} of ${batch.tasks.length} settled`;
  });
  return ['Batches', ...shown, ...more(view.batches.length - MAX_EPICS)];
}

const BAR = 20;
function bar(done: number, total: number): string {
  const filled = total === 0 ? BAR : Math.floor((done / total) * BAR);
  return '#'.repeat(filled).padEnd(BAR, '.');
}

function epicLines(view: StatusView): string[] {
  const open = view.epics.filter((epic) => !['landed', 'nothing'].includes(epic.status));
  const settled = view.epics.length - open.length;
  return [
    'Epics',
    ...(settled ? [`  ${settled} on the base branch`] : []),
    ...open.slice(0, MAX_EPICS).map(epicLine),
    ...more(open.length - MAX_EPICS),
  ];
}

function epicLine(epic: EpicView): string {
  const name = oneLine(`${epic.lane} ${epic.name}`).slice(0, 40).padEnd(40);
  const running = epic.running === null ? '' : `  T${epic.running}`;
  const cost = epic.costUsd ? `  ${epic.costUsd.toFixed(2)} USD` : '';
  return `  ${name}  ${epic.status.padEnd(14)} ${epic.done} of ${epic.total}${running}${cost}${epic.reason ? `  ${oneLine(epic.reason)}` : ''}`;
}

function problemLines(view: StatusView): string[] {
  const problems = view.tasks.filter((task) => task.status === 'failed' || task.status === 'blocked');
  if (!problems.length) return [];
  const shown = problems
    .slice(0, MAX_REASONS)
    .map((task) => `  T${task.task} ${task.status}: ${oneLine(task.reason)}`);
  return ['', 'Problems', ...shown, ...more(problems.length - MAX_REASONS)];
}

function waitLines(view: StatusView): string[] {
  if (!view.waits.length) return [];
  const shown = view.waits
    .slice(0, MAX_REASONS)
    .flatMap(({ reason, commands }) => [
      `  ${oneLine(reason, MAX_WAIT)}`,
      ...commands.map((command, at) => `    ${at ? 'or ' : ''}${command}`),
    ]);
  return ['', 'Waits for a person', ...shown, ...more(view.waits.length - MAX_REASONS)];
}

/** Terminal escapes would act on whoever prints the text. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;
const more = (count: number): string[] => (count > 0 ? [`  and ${count} more`] : []);
const oneLine = (text = '', most = MAX_LINE) =>
  text.split('\n', 1)[0]!.slice(0, most).replaceAll('`', "'").replace(CONTROL, '');
