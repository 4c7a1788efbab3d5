import fc from 'fast-check';

export interface RandomTask {
  id: number;
  epic: number;
  priority: number;
  dependsOn: number[];
}

/** Random acyclic plans: dependencies point to lower ids only. */
export const randomPlan = (maxTasks = 25, maxEpics = 6): fc.Arbitrary<RandomTask[]> =>
  fc
    .array(
      fc.record({
        epic: fc.integer({ min: 1, max: maxEpics }),
        priority: fc.integer({ min: 0, max: 3 }),
        picks: fc.array(fc.nat(), { maxLength: 4 }),
      }),
      { minLength: 1, maxLength: maxTasks },
    )
    .map((rows) =>
      rows.map(({ epic, priority, picks }, index) => ({
        id: index + 1,
        epic,
        priority,
        dependsOn: index === 0 ? [] : [...new Set(picks.map((pick) => (pick % index) + 1))],
      })),
    );
