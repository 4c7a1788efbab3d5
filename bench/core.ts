import { resolve, type GraphTask } from '../domain/graph/graph';
import { toAscii } from '../domain/render/render-ascii';
import { toMermaid } from '../domain/render/render-mermaid';
import type { RenderPlan } from '../domain/render/render';
import { medianTime, random } from './support/measure';
import { simulate } from './support/simulation';
import { table, type Row } from './support/table';

const SIZES = [1_000, 10_000, 100_000, 1_000_000];

/** Each task depends on up to three of the two hundred before it, as plans do: on what was written shortly before. */
function layered(size: number): GraphTask[] {
  return Array.from({ length: size }, (_, index) => {
    const picks = [0, 1, 2].map((pick) => index - 1 - Math.floor(random(pick, index) * 200));
    const tasks = [...new Set(picks.filter((at) => at >= 0 && random(3, at + index) < 0.6))];
    const dependsOn = tasks.map((at) => ({ task: at + 1, type: 'hard' as const }));
    return { id: index + 1, priority: Math.floor(random(4, index) * 4), dependsOn };
  });
}

const chain = (size: number): GraphTask[] =>
  Array.from({ length: size }, (_, index) => ({
    id: index + 1,
    priority: 1,
    dependsOn: index === 0 ? [] : [{ task: index, type: 'hard' as const }],
  }));

function planOf(tasks: GraphTask[]): RenderPlan {
  const statuses = ['pending', 'running', 'complete', 'failed'] as const;
  return {
    batches: resolve(tasks).batches,
    epics: Array.from({ length: 100 }, (_, index) => ({ id: index + 1, name: `Epic ${index + 1}` })),
    tasks: tasks.map((task, index) => ({
      id: task.id,
      epic: (index % 100) + 1,
      description: `Task ${task.id}: "quotes", <angles> and a title of the usual length`,
      status: statuses[index % 4]!,
      dependsOn: task.dependsOn,
    })),
  };
}

function resolveTable(): string {
  const rows: Row[] = [];
  for (const [shape, make] of Object.entries({ layered, chain })) {
    for (const size of SIZES) {
      const tasks = make(size);
      const ms = medianTime(size >= 1_000_000 ? 3 : 7, () => resolve(tasks));
      rows.push({ shape, tasks: size, 'CPU ms': ms, 'ns/task': Math.round((ms * 1e6) / size) });
    }
  }
  return table(rows);
}

function renderTable(): string {
  const plan = planOf(layered(10_000));
  const ms = { mermaid: medianTime(7, () => toMermaid(plan)), ascii: medianTime(7, () => toAscii(plan)) };
  return table(Object.entries(ms).map(([format, time]) => ({ format, tasks: 10_000, 'CPU ms': time })));
}

/** A whole session, decided without carrying anything out. */
function schedulerTable(): string {
  const rows = [1_000, 10_000].map((size) => {
    const tasks = layered(size).map((task, index) => ({
      id: task.id,
      epic: Math.floor(index / 10) + 1,
      priority: task.priority,
      dependsOn: task.dependsOn.map((one) => one.task),
      seconds: 1,
    }));
    let steps = 0;
    const ms = medianTime(
      3,
      () => ({ steps } = simulate(tasks, { concurrency: 10, scheduling: 'dependencies' })),
    );
    return { tasks: size, epics: size / 10, steps, 'CPU ms': ms, 'us/step': (ms * 1000) / steps };
  });
  return table(rows);
}

/** The pure core: figures of one process, without any service. */
export async function run(say: (text: string) => void): Promise<void> {
  say(`Resolving (\`domain/graph\`)\n\n${resolveTable()}\n`);
  say(`Rendering\n\n${renderTable()}\n`);
  say(`Scheduling (\`domain/scheduler\`), a whole session\n\n${schedulerTable()}`);
}
