import { taskPrompt } from '../../domain/prompt';

const facts = { epic: null, branch: 'main', dependencies: [], verify: null, lastFailure: null };

it('gives the instructions after the description', () => {
  const task = { number: 4, description: 'Login', action: 'Add a form' };
  expect(taskPrompt({ ...facts, task })).toMatch(/^# Task T4: Login\n\nAdd a form\n\n## Where it stands\n/);
});

it('leaves no gap where the description says it all', () => {
  const task = { number: 4, description: 'Login', action: '' };
  expect(taskPrompt({ ...facts, task })).toMatch(/^# Task T4: Login\n\n## Where it stands\n/);
});
