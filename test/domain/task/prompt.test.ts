import { taskPrompt } from '../../../domain/task/prompt';

const facts = {
  epic: null,
  branch: 'main',
  dependencies: [],
  verify: null,
  lastFailure: null,
  instructions: null,
};

it('gives the instructions after the description', () => {
  const task = { number: 4, description: 'Login', action: 'Add a form' };
  expect(taskPrompt({ ...facts, task })).toMatch(/^# Task T4: Login\n\nAdd a form\n\n## Where it stands\n/);
});

it('leaves no gap where the description says it all', () => {
  const task = { number: 4, description: 'Login', action: '' };
  expect(taskPrompt({ ...facts, task })).toMatch(/^# Task T4: Login\n\n## Where it stands\n/);
});

it('what a person added for a retry comes last', () => {
  const task = { number: 4, description: 'Login', action: 'Add a form' };
  const lastFailure = { attempt: 1, reason: 'verify ended with exit code 1', output: 'red' };
  const prompt = taskPrompt({ ...facts, task, lastFailure, instructions: 'Use the form of v2' });
  expect(prompt).toMatch(/attempt 1[^]*## What to do differently this time\n\nUse the form of v2$/i);
});
