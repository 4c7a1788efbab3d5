import type { Plan } from '../../domain/plan/plan';
import { checkout, LAST_STEP, type Scenario } from '../chaos/scenario';
import { planOf } from '../support/plans';
import { projectName } from '../support/system';
import type { AgentDouble, Kind } from './agent-double';

/** Two epics, the second of which needs what the first begins with. */
const SHAPE = [
  { id: 1, epic: 1 },
  { id: 2, epic: 1, after: [1] },
  { id: 3, epic: 2, after: [1] },
];
export const TASKS = SHAPE.map(({ id }) => id);

/** The last line of what each task leaves: that of the chaos suite's model. */
export const DONE = `step ${LAST_STEP}`;

const VERIFY = `for file in f[0-9]*; do test "$(tail -n 1 "$file")" = "${DONE}"; done`;

/** A small session in which everything happens that happens in most: set-up, verify, tasks without it, landing. */
export async function smallScenario(agent: Kind, double: AgentDouble): Promise<Scenario> {
  const project = projectName();
  const tasks = SHAPE.map((task) => ({ ...task, agent, action: double.action(task.id) }));
  return {
    plan: unverified(planOf(project, tasks, { setup: 'true', verify: VERIFY }), 2),
    input: { project, parallel: true, ...(agent === 'claude' ? { model: 'haiku' } : {}) },
    ...(await checkout()),
    files: { ...Object.fromEntries(TASKS.map((id) => [`f${id}`, DONE])), ...double.files },
    tree: null,
    workers: 1,
  };
}

/** What nothing verifies is completed by the activity that runs the agent. */
const unverified = (plan: Plan, id: number): Plan => ({
  ...plan,
  epics: plan.epics.map((epic) => ({
    ...epic,
    tasks: epic.tasks.map((task) => (task.id === id ? { ...task, verify: '' } : task)),
  })),
});
