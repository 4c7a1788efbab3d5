import type { Agent } from '../../agents/contract/agent';
import type { Attempt } from '../../db/task/attempts';
import type { StoredTask } from '../../db/task/stored-task';
import type { TaskInput } from './contract';
import type { Lease } from './lease';
import type { Place } from './place';

/** One try at a task, while an activity works on it. */
export interface TryScope {
  place: Place;
  input: TaskInput;
  task: StoredTask;
  attempt: Attempt;
  lease: Lease;
  agent: Agent;
  /** Why the attempt's model was chosen. */
  modelReason: string;
}
