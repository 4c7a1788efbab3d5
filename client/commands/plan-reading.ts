import { loadPlan, type StoredPlan } from '../../db/plan/plan-load';
import { selectTasks, type RenderFilter } from '../../domain/render/render';
import { toAscii } from '../../domain/render/render-ascii';
import { toMermaid } from '../../domain/render/render-mermaid';
import type { Cli, ReadingOptions } from '../cli/command';
import { withProject } from '../cli/with-project';
import { EXIT, UsageError, type ExitCode } from '../cli/exit';
import { requireEpics } from '../cli/known-epics';
import { wholeNumber } from '../cli/numbers';
import { batchesInOneLine, batchLines } from '../text/batches';
import { planText } from '../plan/plan-text';
import { GRAPH_FORMATS, graphOf, type GraphFormat, type PlanGraph } from '../plan/stored-graph';

interface PlanOptions extends ReadingOptions {
  epic?: string;
  batch?: string;
}

interface GraphOptions extends PlanOptions {
  format: string;
}

export async function planShow(cli: Cli, options: PlanOptions): Promise<ExitCode> {
  return withPlan(cli, options, (plan, graph, filter) => {
    const shown = new Set(selectTasks(graph.render, filter).map((task) => task.id));
    const epics = plan.epics
      .map((epic) => ({ ...epic, tasks: epic.tasks.filter((task) => shown.has(task.number)) }))
      .filter(({ number, tasks }) => tasks.length > 0 || number === filter.epic);
    const part = { ...plan, epics };
    return options.json ? JSON.stringify(part, null, 2) : planText(part);
  });
}

export async function planBatches(cli: Cli, options: PlanOptions): Promise<ExitCode> {
  return withPlan(cli, options, (_, { resolution: { batches } }) => {
    if (options.json) return JSON.stringify(batches.map((tasks, index) => ({ number: index + 1, tasks })));
    if (batches.length === 0) return 'The plan has no tasks.';
    return [...batchLines(batches), '', batchesInOneLine(batches)].join('\n');
  });
}

export async function planGraph(cli: Cli, options: GraphOptions): Promise<ExitCode> {
  const format = options.json ? 'json' : readFormat(options.format);
  return withPlan(cli, options, (_, graph, filter) => {
    if (format === 'json') return graphJson(graph, filter);
    return (format === 'ascii' ? toAscii : toMermaid)(graph.render, filter).trimEnd();
  });
}

function readFormat(text: string): GraphFormat {
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
  show: (plan: StoredPlan, graph: PlanGraph, filter: RenderFilter) => string,
): Promise<ExitCode> {
  const { context } = cli;
  const filter: RenderFilter = {};
  if (options.epic !== undefined) filter.epic = wholeNumber('--epic', options.epic);
  if (options.batch !== undefined) filter.batch = wholeNumber('--batch', options.batch);
  return withProject(cli, options, async (db, project) => {
    const plan = await loadPlan(db, project.id);
    const graph = graphOf(plan);
    checkFilter(plan, graph, filter);
    context.print(show(plan, graph, filter));
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
