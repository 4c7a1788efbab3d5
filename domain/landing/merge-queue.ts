/**
 * Which epics are merged and verified together, and who is to blame when that is red. All that wait are stacked into
 * one candidate, so that any number of good epics costs one verification. A red stack is halved until one epic is left.
 * Pure data and functions: the parent workflow carries the trials out and tells how they ended.
 */
export interface MergeQueue {
  /** Ready to land, the longest waiting first. */
  waiting: string[];
  /** A stack that is known to be red. */
  suspect: Suspect | null;
  /** What is being merged, verified and landed now. */
  trial: Trial | null;
}

export interface Suspect {
  stack: string[];
  /** How often exactly this stack was red. */
  reds: number;
}

export interface Trial extends Suspect {
  /** The second half of a red stack, whose first half this is: if this one lands, the other one is red. */
  rest: string[];
}

export interface TrialEnd {
  /** On the base branch now, or without anything that it lacks. */
  landed: string[];
  /** Cannot land for a reason of their own, whatever is in the stack: a conflict with the base branch, for example. */
  held: string[];
  /** Could not be merged on top of the others, and may be on what lands of them: not verified. */
  deferred: string[];
  /** The others did not pass. */
  red: boolean;
}

/** A single epic that is red this often is not a flake. */
const REDS_OF_A_CULPRIT = 2;

export const createMergeQueue = (): MergeQueue => ({ waiting: [], suspect: null, trial: null });

export const isIdle = ({ waiting, suspect, trial }: MergeQueue): boolean =>
  waiting.length === 0 && suspect === null && trial === null;

/**
 * Starts the next trial; null when one is going on, or nothing waits. `needs`: those whose commits an epic contains.
 * `alone`: of one epic only.
 */
export function nextTrial(
  queue: MergeQueue,
  needs: (epic: string) => string[],
  { alone = false } = {},
): Trial | null {
  if (queue.trial) return null;
  const { suspect } = queue;
  queue.suspect = null;
  if (suspect) queue.trial = halve(suspect);
  else if (queue.waiting.length) {
    const stack = inOrder(queue.waiting.splice(0), needs);
    if (alone) queue.waiting.push(...stack.splice(1));
    queue.trial = { stack, reds: 0, rest: [] };
  }
  return queue.trial;
}

/** Takes in how the trial ended. Returns the epic that is to blame, once there is no doubt. */
export function endTrial(queue: MergeQueue, end: TrialEnd): string | null {
  const { trial } = queue;
  if (!trial) return null;
  queue.trial = null;
  const open = without(trial.stack, end.landed, end.held, end.deferred);
  if (!end.red || open.length === 0) {
    const whole = trial.stack.every((epic) => end.landed.includes(epic));
    queue.waiting.unshift(...without(trial.stack, end.landed, end.held), ...(whole ? [] : trial.rest));
    if (whole && trial.rest.length) queue.suspect = { stack: trial.rest, reds: 1 };
    return null;
  }
  queue.waiting.unshift(...trial.stack.filter((epic) => end.deferred.includes(epic)), ...trial.rest);
  const reds = open.length === trial.stack.length ? trial.reds + 1 : 1;
  if (open.length === 1 && reds >= REDS_OF_A_CULPRIT) return open[0]!;
  queue.suspect = { stack: open, reds };
  return null;
}

/** Takes an epic out that is not being tried right now. */
export function withdraw(queue: MergeQueue, epic: string): void {
  queue.waiting = without(queue.waiting, [epic]);
  const { trial } = queue;
  if (trial?.rest.includes(epic)) {
    queue.waiting.unshift(...without(trial.rest, [epic]));
    trial.rest = [];
  }
  if (!queue.suspect?.stack.includes(epic)) return;
  // What is left of a red stack without one of its epics may be green.
  queue.waiting.unshift(...without(queue.suspect.stack, [epic]));
  queue.suspect = null;
}

function halve({ stack, reds }: Suspect): Trial {
  if (stack.length === 1) return { stack, reds, rest: [] };
  const half = Math.ceil(stack.length / 2);
  return { stack: stack.slice(0, half), reds: 0, rest: stack.slice(half) };
}

/** As they come, except that what an epic contains lands before it. Where they contain each other, the first one wins. */
function inOrder(waiting: string[], needs: (epic: string) => string[]): string[] {
  const order: string[] = [];
  const left = new Set(waiting);
  while (left.size) {
    const free = [...left].find((epic) => !needs(epic).some((other) => other !== epic && left.has(other)));
    const next = free ?? [...left][0]!;
    left.delete(next);
    order.push(next);
  }
  return order;
}

const without = (from: string[], ...lists: string[][]): string[] =>
  from.filter((one) => !lists.some((list) => list.includes(one)));
