import { misfit, type PinFacts } from '../../../domain/task/task-pin';

const facts: PinFacts = {
  number: 7,
  description: ' Seed data \nWith a second line',
  pinned: { task: 7, subject: 'Seed data', base: 'b'.repeat(40) },
  openDependencies: [],
  missingDependencies: [],
};

test("a commit fits that has the task's number, its subject and what it depends on", () => {
  expect(misfit(facts)).toBeNull();
});

test.each<[string, Partial<PinFacts>, string]>([
  ['of another number', { number: 8 }, 'is not the commit of a task'],
  ['without a base', { pinned: { ...facts.pinned, base: null } }, 'is not the commit of a task'],
  ['of another subject', { description: 'Login form' }, 'is of another task, "Seed data"'],
  [
    'from before a dependency',
    { openDependencies: [1, 2], missingDependencies: [3] },
    'came after T1, T2, which must be done first now',
  ],
  ['without the commit of a dependency', { missingDependencies: [3] }, 'was made without T3'],
])('one %s does not, and it is said why', (_, change, reason) => {
  expect(misfit({ ...facts, ...change })).toBe(reason);
});
