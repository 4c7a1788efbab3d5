import type { TaskStatus } from '../model';
import { epicTitles, groupByEpic, oneLine, selectTasks } from './render';
import type { RenderFilter, RenderPlan, RenderTask } from './render';

/** Told apart by line as well as by colour, for whoever does not see the colours. */
const STYLES: Record<TaskStatus, { name: string; style: string }> = {
  pending: { name: 'pending', style: 'fill:#f6f8fa,stroke:#8c959f,color:#1f2328' },
  running: { name: 'running', style: 'fill:#ddf4ff,stroke:#0969da,stroke-width:3px,color:#1f2328' },
  complete: { name: 'done', style: 'fill:#dafbe1,stroke:#1a7f37,stroke-width:2px,color:#1f2328' },
  failed: { name: 'failed', style: 'fill:#ffebe9,stroke:#cf222e,stroke-width:4px,color:#1f2328' },
  blocked: { name: 'blocked', style: 'fill:#fff8c5,stroke:#9a6700,stroke-dasharray:6 3,color:#1f2328' },
  skipped: { name: 'skipped', style: 'fill:#eaeef2,stroke:#8c959f,stroke-dasharray:2 2,color:#59636e' },
};
const OUTSIDE = 'classDef outside fill:none,stroke:#8c959f,stroke-dasharray:1 3';

/**
 * The plan as a Mermaid flowchart: a subgraph per epic, solid arrows for hard and dashed ones for soft
 * dependencies. A task that the filter hides, but that a shown one depends on, is a bare id.
 * Mermaid itself refuses more than 500 arrows unless its `maxEdges` setting is raised.
 */
export function toMermaid(plan: RenderPlan, filter: RenderFilter = {}): string {
  const tasks = selectTasks(plan, filter);
  if (tasks.length === 0) return 'flowchart TD\n  none["No tasks"]\n';
  const titleOf = epicTitles(plan);
  const lines = ['flowchart TD'];
  for (const [epic, group] of groupByEpic(tasks)) {
    lines.push(`  subgraph E${epic}["${escapeLabel(titleOf(epic))}"]`);
    for (const task of group) lines.push(taskNode(task));
    lines.push('  end');
  }
  for (const line of arrows(tasks)) lines.push(line);
  for (const { name, style } of Object.values(STYLES)) lines.push(`  classDef ${name} ${style}`);
  return `${lines.join('\n')}\n`;
}

function taskNode({ id, description, status }: RenderTask): string {
  return `    T${id}["T${id} ${escapeLabel(oneLine(description))}"]:::${STYLES[status].name}`;
}

function arrows(tasks: readonly RenderTask[]): string[] {
  const shown = new Set(tasks.map(({ id }) => id));
  const outside = new Set<number>();
  const lines: string[] = [];
  for (const { id, dependsOn } of tasks) {
    for (const { task, type } of dependsOn) {
      if (!shown.has(task)) outside.add(task);
      lines.push(`  T${task} ${type === 'hard' ? '-->' : '-.->'} T${id}`);
    }
  }
  for (const id of outside) lines.push(`  T${id}(["T${id}"]):::outside`);
  if (outside.size > 0) lines.push(`  ${OUTSIDE}`);
  return lines;
}

const PLAIN = /^[A-Za-z0-9 ,.:/()-]*$/;
const SPECIAL = /[!-'*+;-@[-`{-~]/g;
const CODES = Array.from({ length: 128 }, (_, code) => `#${code};`);

/** ASCII punctuation as Mermaid's character codes (`#34;` is a quote): no label can end its own quotes. */
function escapeLabel(text: string): string {
  return PLAIN.test(text) ? text : text.replace(SPECIAL, (character) => CODES[character.charCodeAt(0)]!);
}
