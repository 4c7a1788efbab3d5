import fc from 'fast-check';
import { isModelName } from '../../../domain/cost/models';
import { AGENTS, DEPENDENCY_TYPES } from '../../../domain/model';
import type { Plan, PlanTask } from '../../../domain/plan/plan';
import { MAX_ID } from '../../../domain/numbers';
import { stringifyPlan } from '../../../domain/plan/plan-export';
import { parsePlan } from '../../../domain/plan/plan-parse';

const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.string({ unit: fc.constantFrom(...'#:-?!*&{}[]|>\'"%@`, \n\t\\\r~0x') }),
    fc.constantFrom(
      'null',
      'true',
      '~',
      '1',
      '1e3',
      '---',
      '...',
      '- a',
      'a: b',
      '# x',
      '<<',
      'x\n\n\ny\n',
      ' lead',
      '=',
      'é\u0085',
    ),
  )
  .filter((value) => /\S/.test(value) && !value.includes('\0'));
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const taskFields = fc.record({
  description: text,
  action: fc.oneof(text, fc.constant('')),
  priority: fc.integer({ min: -1000, max: 1000 }),
  agent: optional(fc.constantFrom(...AGENTS)),
  model: optional(text.filter(isModelName)),
  verify: optional(text),
  budgetUsd: optional(fc.double({ min: 0, minExcluded: true, max: 1e6, noNaN: true })),
});
const dependency = fc.record({ pick: fc.nat(), type: fc.constantFrom(...DEPENDENCY_TYPES) });

/** Any valid plan: a task depends only on earlier ones, on each at most once. */
const plans: fc.Arbitrary<Plan> = fc
  .record({
    verify: optional(text),
    setup: optional(text),
    cleanup: optional(text),
    epics: fc.array(
      fc.record({
        name: text,
        tasks: fc.array(fc.tuple(taskFields, fc.array(dependency, { maxLength: 3 })), { maxLength: 5 }),
      }),
      { maxLength: 4 },
    ),
    step: fc.integer({ min: 1, max: Math.floor(MAX_ID / 50) }),
  })
  .map(({ verify, setup, cleanup, epics, step }) => {
    let count = 0;
    const taskOf = ([fields, picks]: (typeof epics)[number]['tasks'][number]): PlanTask => {
      const earlier = count++;
      const dependsOn = picks.map(({ pick, type }) => ({
        task: step * (1 + (pick % Math.max(earlier, 1))),
        type,
      }));
      const distinct = dependsOn.filter(
        ({ task }, at) => dependsOn.findIndex((other) => other.task === task) === at,
      );
      const action = fields.action || (fields.agent === 'script' ? 'true' : '');
      return { ...fields, action, id: step * count, dependsOn: earlier === 0 ? [] : distinct };
    };
    return {
      project: 'my-app',
      verify,
      setup,
      cleanup,
      epics: epics.map(({ name, tasks }, at) => ({ id: step * (at + 1), name, tasks: tasks.map(taskOf) })),
    };
  });

describe('stringifyPlan', () => {
  it('writes the plan as a person would', () => {
    const plan: Plan = {
      project: 'my-app',
      verify: 'npm test',
      epics: [
        {
          id: 1,
          name: 'Backend',
          tasks: [
            { id: 1, description: 'Schema', action: 'Create it.\nTest it.\n', priority: 10, dependsOn: [] },
            {
              id: 2,
              description: 'API',
              action: '',
              priority: 100,
              dependsOn: [
                { task: 1, type: 'hard' },
                { task: 7, type: 'soft' },
              ],
              budgetUsd: 1.5,
            },
          ],
        },
      ],
    };
    expect(stringifyPlan(plan)).toBe(`project: my-app
verify: npm test
epics:
  - id: 1
    name: Backend
    tasks:
      - id: 1
        description: Schema
        action: |
          Create it.
          Test it.
        priority: 10
        depends_on: []
      - id: 2
        description: API
        priority: 100
        depends_on: [ 1, { task: 7, type: soft } ]
        budget_usd: 1.5
`);
  });

  it('writes what parsePlan reads back as the same plan', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        expect(parsePlan(stringifyPlan(plan), 'plan.yaml')).toEqual({ ok: true, plan });
      }),
      { numRuns: 300 },
    );
  });
});
