import { resolve } from '../graph/graph';
import { placeIn } from '../place-in';
import type { PlanTask } from './plan';

export type PlacedTask = PlanTask & { epic: number };

/**
 * How long a plan takes with that many agents, one at a time in an epic, longest chains first. Infinite where tasks wait for
 * each other.
 */
export function makespan(
  tasks: readonly PlacedTask[],
  agents: number,
  minutesOf: (task: PlacedTask) => number,
): number {
  const waiting = createWaiting(tasks);
  const running: { task: PlacedTask; until: number }[] = [];
  let now = 0;
  for (let ended = 0; ended < tasks.length; ended++) {
    while (running.length < agents) {
      const task = waiting.take();
      if (!task) break;
      running.push({ task, until: now + minutesOf(task) });
    }
    if (running.length === 0) return Infinity;
    running.sort((a, b) => a.until - b.until);
    const { task, until } = running.shift()!;
    now = until;
    waiting.end(task);
  }
  return now;
}

interface Waiting {
  /** The best of the tasks that may start, which is then at work; none: null. */
  take(): PlacedTask | null;
  end(task: PlacedTask): void;
}

/** Of a large plan nothing is looked through: tasks go by their place in the order in which they are wanted. */
function createWaiting(tasks: readonly PlacedTask[]): Waiting {
  const { remaining } = resolve(tasks);
  const wanted = [...tasks].sort(
    (a, b) =>
      a.priority - b.priority || (remaining.get(b.id) ?? 0) - (remaining.get(a.id) ?? 0) || a.id - b.id,
  );
  const unmet = wanted.map((task) => hardOf(task).length);
  const dependants = new Map<number, number[]>(wanted.map(({ id }) => [id, []]));
  const ready = new Map<number, number[]>(wanted.map(({ epic }) => [epic, []]));
  const busy = new Set<number>();
  /** The best place of each epic that is not busy. */
  const heads: number[] = [];

  const become = (place: number): void => {
    const { epic } = wanted[place]!;
    const places = ready.get(epic)!;
    const [head] = places;
    insert(places, place);
    if (busy.has(epic) || places[0] !== place) return;
    if (head !== undefined) heads.splice(placeOf(heads, head), 1);
    insert(heads, place);
  };

  for (const [place, task] of wanted.entries()) {
    for (const id of hardOf(task)) dependants.get(id)?.push(place);
    if (unmet[place] === 0) become(place);
  }
  return {
    take() {
      const place = heads.shift();
      if (place === undefined) return null;
      const task = wanted[place]!;
      ready.get(task.epic)!.shift();
      busy.add(task.epic);
      return task;
    },
    end({ id, epic }) {
      busy.delete(epic);
      const [head] = ready.get(epic)!;
      if (head !== undefined) insert(heads, head);
      for (const place of dependants.get(id)!) if (--unmet[place]! === 0) become(place);
    },
  };
}

const hardOf = ({ dependsOn }: PlanTask): number[] => [
  ...new Set(dependsOn.filter(({ type }) => type === 'hard').map(({ task }) => task)),
];

function insert(sorted: number[], value: number): void {
  sorted.splice(placeOf(sorted, value), 0, value);
}

const placeOf = (sorted: readonly number[], value: number): number =>
  placeIn(sorted, (other) => other < value);
