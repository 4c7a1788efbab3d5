/** Whether a commit that git keeps for a task is that task's work: judged by what the commit says of itself. */
export interface PinFacts {
  number: number;
  /** Of the task in the plan. */
  description: string;
  pinned: { task: number; subject: string; base: string | null };
  /** Hard dependencies that are not complete. */
  openDependencies: number[];
  /** Complete hard dependencies whose commits it does not contain. */
  missingDependencies: number[];
}

/** Null when it fits; otherwise why it does not, in words for people. */
export function misfit(facts: PinFacts): string | null {
  const { number, description, pinned, openDependencies, missingDependencies } = facts;
  if (pinned.task !== number || !pinned.base) return 'is not the commit of a task';
  if (pinned.subject.trim() !== description.split('\n', 1)[0]!.trim())
    return `is of another task, "${pinned.subject.slice(0, 60)}"`;
  if (openDependencies.length) return `came after ${names(openDependencies)}, which must be done first now`;
  if (missingDependencies.length) return `was made without ${names(missingDependencies)}`;
  return null;
}

const names = (tasks: number[]) =>
  tasks
    .slice(0, 5)
    .map((task) => `T${task}`)
    .join(', ');
