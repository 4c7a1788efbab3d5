import { loadPlan, type StoredPlan } from '../../db/plan/plan-load';
import { selectTasks, type RenderFilter } from '../../domain/render/render';
import { toAscii } from '../../domain/render/render-ascii';
import { toMermaid } from '../../domain/render/render-mermaid';
import type { Cli, ReadingOptions } from '../cli/command';
import { withProject } from '../cli/with-project';
import { EXIT, UsageError, type ExitCode } from '../cli/exit';
import { requireEpics } from '../cli/known-epics';
import { wholeNumber } from '../cli/numbers';
import { batchesInOneLine, batchLine } from '../text/batches';
import { planText } from '../plan/plan-text';
import { GRAPH_FORMATS, graphOf, type GraphFormat, type PlanGraph } from '../plan/stored-graph';

interface PlanOptions extends ReadingOptions {
  format?: string;
  epic?: string;
  batch?: string;
}

/** What a command prints of a plan; as Mermaid they all print its graph. */
type Texts = Record<Exclude<GraphFormat, 'mermaid'>, () => string>;

export async function planShow(cli: Cli, options: PlanOptions): Promise<ExitCode> {
  return withPlan(cli, options, (plan, graph, filter) => {
    const shown = shownBy(graph, filter);
    const epics = plan.epics
      .map((epic) => ({ ...epic, tasks: epic.tasks.filter((task) => shown.has(task.number)) }))
      .filter(({ number, tasks }) => tasks.length > 0 || number === filter.epic);
    const part = { ...plan, epics };
    return { ascii: () => planText(part), json: () => JSON.stringify(part, null, 2) };
  });
}

export async function planBatches(cli: Cli, options: PlanOptions): Promise<ExitCode> {
  return withPlan(cli, options, (_, graph, filter) => {
    const shown = shownBy(graph, filter);
    const batches = graph.resolution.batches
      .map((tasks, index) => ({ number: index + 1, tasks: tasks.filter((task) => shown.has(task)) }))
      .filter(({ tasks }) => tasks.length > 0);
    return { ascii: () => batchesText(batches), json: () => JSON.stringify(batches) };
  });
}

function batchesText(batches: readonly { number: number; tasks: readonly number[] }[]): string {
  if (batches.length === 0) return 'There are no tasks.';
  const lines = batches.map(({ number, tasks }) => batchLine(number, tasks));
  return [...lines, '', batchesInOneLine(batches.map(({ tasks }) => tasks))].join('\n');
}

export async function planGraph(cli: Cli, options: PlanOptions): Promise<ExitCode> {
  return withPlan(cli, options, (_, graph, filter) => ({
    ascii: () => toAscii(graph.render, filter),
    json: () => graphJson(graph, filter),
  }));
}

const shownBy = ({ render }: PlanGraph, filter: RenderFilter): Set<number> =>
  new Set(selectTasks(render, filter).map((task) => task.id));

function readFormat({ json, format: text = json ? 'json' : 'ascii' }: PlanOptions): GraphFormat {
  if (json && text !== 'json') throw new UsageError('--json is short for --format json: give one of the two');
  const format = GRAPH_FORMATS.find((known) => known === text);
  if (format) return format;
  throw new UsageError(`--format must be one of ${GRAPH_FORMATS.join(', ')}, got "${text}"`);
}

function graphJson({ render, resolution }: PlanGraph, filter: RenderFilter): string {
  const tasks = selectTasks(render, filter);
  const { batches, criticalPath } = resolution;
  return JSON.stringify({ epics: render.epics, tasks, batches, criticalPath }, null, 2);
}

async function withPlan(
  cli: Cli,
  options: PlanOptions,
  textsOf: (plan: StoredPlan, graph: PlanGraph, filter: RenderFilter) => Texts,
): Promise<ExitCode> {
  const { context } = cli;
  const format = readFormat(options);
  const filter: RenderFilter = {};
  if (options.epic !== undefined) filter.epic = wholeNumber('--epic', options.epic);
  if (options.batch !== undefined) filter.batch = wholeNumber('--batch', options.batch);
  return withProject(cli, options, async (db, project) => {
    const plan = await loadPlan(db, project.id);
    const graph = graphOf(plan);
    checkFilter(plan, graph, filter);
    const texts = { ...textsOf(plan, graph, filter), mermaid: () => toMermaid(graph.render, filter) };
    context.print(texts[format]().trimEnd());
    return EXIT.ok;
  });
}

function checkFilter(plan: StoredPlan, { resolution }: PlanGraph, { epic, batch }: RenderFilter): void {
  if (epic !== undefined) requireEpics('--epic', plan.epics, [epic]);
  const { length } = resolution.batches;
  if (batch !== undefined && batch > length)
    throw new UsageError(
      `--batch: the plan has no batch ${batch}; it has ${length > 0 ? `1 to ${length}` : 'none'}`,
    );
}
