import { isFinished } from '../../domain/model';
import { plural } from '../../domain/plural';
import type { StoredTask } from '../../db/task/stored-task';
import { cut } from '../text/columns';
import { title } from '../text/plan-names';
import { duration } from '../text/units';
import type { ReportFacts } from './facts';
import { layOut, type GraphEdge, type GraphPicture } from './graph-layout';
import { html, type Html } from './html';
import { spentByTask, spentText } from './spent';

const SIZE = { width: 196, height: 44 };
/** As many letters, of which wide ones take two, as a node holds. */
const COLUMNS = 27;
/** More nodes than this nobody can follow: then epics stand for their tasks. */
const MOST_TASKS = 150;
const MOST_EPICS = 400;

interface NodeText {
  id: string;
  name: string;
  about: string;
  /** One of the task statuses, for its colour. */
  status: string;
}

/** What depends on what, and how far it got. */
export function dependencyGraph({ plan, attempts }: Pick<ReportFacts, 'plan' | 'attempts'>): Html {
  const tasks = plan.epics.flatMap((epic) => epic.tasks);
  if (tasks.length <= MOST_TASKS) {
    const spent = spentByTask(attempts);
    return picture(
      tasks.map((task) => taskNode(task, spentText(spent.get(task.number)))),
      taskEdges(tasks),
    );
  }
  const epics = plan.epics.filter((epic) => epic.tasks.length > 0);
  if (epics.length > MOST_EPICS)
    return html`<p class="quiet">A graph of ${epics.length} epics would be no picture any more.</p>`;
  return html`<p class="quiet">An epic stands for its tasks: there are ${tasks.length}.</p>
    ${picture(epics.map(epicNode), epicEdges(tasks))}`;
}

function taskNode({ number, epic, description, status, durationMs }: StoredTask, spent: string[]): NodeText {
  const facts = [
    `Epic ${epic}`,
    status === 'complete' && durationMs !== null ? duration(durationMs) : status,
    ...spent,
  ];
  return { id: String(number), name: `T${number} ${title(description)}`, about: facts.join(' · '), status };
}

function taskEdges(tasks: readonly StoredTask[]): GraphEdge[] {
  return tasks.flatMap(({ number, dependsOn }) =>
    dependsOn.map(({ task, type }) => ({ from: String(task), to: String(number), soft: type === 'soft' })),
  );
}

function epicNode({ number, name, tasks }: ReportFacts['plan']['epics'][number]): NodeText {
  const done = tasks.filter(({ status }) => isFinished(status)).length;
  const worst = ['failed', 'blocked', 'running', 'pending'].find((status) =>
    tasks.some((task) => task.status === status),
  );
  const about = `${done} of ${plural(tasks.length, 'task')} done`;
  return { id: String(number), name: `${number} ${title(name)}`, about, status: worst ?? 'complete' };
}

function epicEdges(tasks: readonly StoredTask[]): GraphEdge[] {
  const epicOf = new Map(tasks.map(({ number, epic }) => [number, epic]));
  const edges = new Map<string, GraphEdge>();
  for (const { epic, dependsOn } of tasks)
    for (const { task, type } of dependsOn) {
      const from = epicOf.get(task);
      if (from === undefined || from === epic) continue;
      const key = `${from} ${epic}`;
      const soft = type === 'soft' && (edges.get(key)?.soft ?? true);
      edges.set(key, { from: String(from), to: String(epic), soft });
    }
  return [...edges.values()];
}

function picture(nodes: readonly NodeText[], edges: readonly GraphEdge[]): Html {
  const placed = layOut(
    nodes.map(({ id }) => ({ id, ...SIZE })),
    edges,
  );
  const [width, height] = [Math.ceil(placed.width) + 8, Math.ceil(placed.height) + 8];
  return html`<div class="scroll tall">
    <svg
      class="graph"
      width="${width}"
      height="${height}"
      viewBox="0 0 ${width} ${height}"
      role="img"
      aria-label="Dependencies"
    >
      <defs>
        <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0 8 4 0 8z" />
        </marker>
      </defs>
      ${placed.edges.map(edgeMark)} ${nodes.map((node) => nodeMark(node, placed))}
    </svg>
  </div>`;
}

function edgeMark({ points, soft }: GraphPicture['edges'][number]): Html {
  return html`<path class="edge${soft && ' soft'}" d="${curve(points)}" marker-end="url(#tip)" />`;
}

/** Through the middles between the points, so that it bends where dagre's line has corners. */
function curve(points: readonly { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  const at = ({ x, y }: { x: number; y: number }) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const last = rest.at(-1) ?? first;
  const bends = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1]!;
    const end = index === rest.length - 2 ? last : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${at(point)} ${at(end)}`;
  });
  return `M${at(first)}${bends.length ? bends.join('') : `L${at(last)}`}`;
}

function nodeMark({ id, name, about, status }: NodeText, { nodes }: GraphPicture): Html {
  const { x, y } = nodes.get(id)!;
  const [left, top] = [(x - SIZE.width / 2).toFixed(1), (y - SIZE.height / 2).toFixed(1)];
  return html`<g class="node ${status}" transform="translate(${left} ${top})"
    ><title>${name}: ${status}</title><rect width="${SIZE.width}" height="${SIZE.height}" rx="6" /><rect
      class="edge-mark"
      width="5"
      height="${SIZE.height}"
      rx="2.5"
    /><text x="14" y="18">${cut(name, COLUMNS)}</text><text class="about" x="14" y="34">${about}</text></g
  >`;
}
