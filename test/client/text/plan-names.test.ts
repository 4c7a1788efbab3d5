import type { StoredPlan } from '../../../db/plan/plan-load';
import { planNames, title } from '../../../client/text/plan-names';

test('knows what was in the plan, so that whoever prints can look again for what joined later', () => {
  const epics = [{ number: 1, name: 'One', tasks: [{ number: 7, description: 'Log in' }] }];
  const names = planNames({ project: { name: 'shop' }, epics } as unknown as StoredPlan);
  expect([names.task(7), names.task(8), names.epic(1)]).toEqual(['T7 Log in', 'T8', 'Epic 1 One']);
  expect(names.knows({ epic: 1, task: 7 })).toBe(true);
  expect(names.knows({ epic: null, task: null })).toBe(true);
  expect(names.knows({ epic: 1, task: 8 })).toBe(false);
  expect(names.knows({ epic: 2, task: null })).toBe(false);
});

test('no character is cut in two', () => {
  expect(title(`${'a'.repeat(48)}😀😀`)).toBe(`${'a'.repeat(48)}…`);
  expect(title(`${'a'.repeat(48)}😀`)).toBe(`${'a'.repeat(48)}😀`);
});
