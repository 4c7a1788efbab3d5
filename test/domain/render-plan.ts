import type { RenderPlan, RenderTask } from '../../domain/render/render';

const task = (id: number, epic: number, description: string, rest: Partial<RenderTask> = {}): RenderTask => ({
  id,
  epic,
  description,
  status: 'pending',
  dependsOn: [],
  ...rest,
});

/** Two epics in the middle of a session: one task done, one running, one failed, what needs it blocked. */
export const halfDone: RenderPlan = {
  epics: [
    { id: 1, name: 'Backend' },
    { id: 2, name: 'Frontend' },
  ],
  tasks: [
    task(1, 1, 'Database schema', { status: 'complete' }),
    task(2, 1, 'REST API', { status: 'running', dependsOn: [{ task: 1, type: 'hard' }] }),
    task(3, 2, 'Design', { status: 'failed' }),
    task(4, 2, 'Login form', {
      status: 'blocked',
      dependsOn: [
        { task: 3, type: 'hard' },
        { task: 2, type: 'hard' },
        { task: 1, type: 'soft' },
      ],
    }),
    task(10, 2, 'Dark mode', { status: 'skipped', dependsOn: [{ task: 3, type: 'soft' }] }),
  ],
  batches: [[1, 3, 10], [2], [4]],
};

export function planOf(descriptions: readonly string[], epicName = 'Epic'): RenderPlan {
  const tasks = descriptions.map((description, at) => task(at + 1, 1, description));
  return { epics: [{ id: 1, name: epicName }], tasks, batches: [tasks.map(({ id }) => id)] };
}
