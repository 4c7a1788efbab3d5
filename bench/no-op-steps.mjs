/** Activities that do nothing but keep the contract, for a plan in memory. */
export function makeSteps(plan) {
  const PAGE = 2_000;
  const complete = new Set();
  const landed = new Set();
  const page = (after) => {
    const rows = plan.slice(after, after + PAGE);
    return {
      tasks: rows.map((row) => ({
        ...row,
        finished: complete.has(row.id),
        title: `Task ${row.id} does nothing`,
        agent: 'script',
      })),
      next: after + rows.length < plan.length ? rows.at(-1).id : null,
    };
  };
  const lanes = () => [
    ...[...new Set(plan.map((task) => task.epic))].map((epic) => ({
      epic,
      name: `Part ${epic}`,
      unlanded: !landed.has(epic) && plan.some((task) => task.epic === epic && complete.has(task.id)),
    })),
    { epic: null, name: 'Sequential', unlanded: false },
  ];
  const nothing = async () => {};
  const activities = {
    openSession: async () => ({ sessionId: 1, baseBranch: 'main', lanes: lanes(), page: page(0) }),
    loadTasks: async ({ after }) => page(after),
    recordBatches: nothing,
    runTask: async () => ({ kind: 'done' }),
    completeTask: async ({ task }) => {
      complete.add(task);
      return { kind: 'done' };
    },
    landStack: async ({ stack }) => {
      for (const { epic } of stack) landed.add(epic);
      const outcome = stack.map(({ epic }) => ({ epic, outcome: 'landed' }));
      return { landed: outcome, held: [], deferred: [], red: null };
    },
    // What a session that goes on with a fresh history restores.
    recordPaused: nothing,
    recordConcurrency: nothing,
    recordHeld: nothing,
    cleanupWorktree: nothing,
    closeSession: async () => ({
      sessionId: 1,
      project: 'large',
      status: complete.size === plan.length ? 'complete' : 'incomplete',
      tasks: { complete: complete.size, skipped: 0, failed: 0, blocked: 0, pending: 0 },
      epics: [],
      problems: [],
      durationSeconds: 0,
      costUsd: 0,
      notes: [],
    }),
  };
  return { activities, close: nothing };
}
