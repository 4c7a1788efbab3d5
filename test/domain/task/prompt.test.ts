import { taskPrompt } from '../../../domain/task/prompt';

const facts = {
  epic: null,
  branch: 'main',
  dependencies: [],
  setup: null,
  verify: null,
  minutes: 60,
  lastFailure: null,
  earlierFailures: [],
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
  const lastFailure = { attempt: 1, reason: 'verify ended with exit code 1', output: 'red', kept: null };
  const prompt = taskPrompt({ ...facts, task, lastFailure, instructions: 'Use the form of v2' });
  expect(prompt).toMatch(/attempt 1[^]*## What to do differently this time\n\nUse the form of v2$/i);
});

it('says what has run to make it ready, how it is judged, and how long it may take', () => {
  const task = { number: 4, description: 'Login', action: '' };
  const prompt = taskPrompt({
    ...facts,
    task,
    setup: 'npm ci\nnpm run db',
    verify: 'npm test',
    minutes: 0.2,
  });
  expect(prompt).toContain('make it ready:\n\n    npm ci\n    npm run db\n\n## How it is judged');
  expect(prompt).toMatch(/say that you are done:\n\n    npm test\n\nYour time for all of it: 1 min\.$/);
});

it('of tries that failed: the reason of each, and of the last one what it printed and where its work is', () => {
  const task = { number: 4, description: 'Login', action: '' };
  const kept = { ref: 'refs/yokeflow/wip/4/7', base: '0123456789abcdef' };
  const lastFailure = { attempt: 7, reason: 'red', output: 'line', kept };
  const earlierFailures = [1, 2, 3, 4, 5, 6].map((attempt) => ({ attempt, reason: `reason ${attempt}` }));
  const prompt = taskPrompt({ ...facts, task, lastFailure, earlierFailures });
  expect(prompt).toContain(
    '## What went wrong before\n\n- Attempt 2: reason 2\n- Attempt 3: reason 3\n- Attempt 4: reason 4\n' +
      '- Attempt 5: reason 5\n- Attempt 6: reason 6\n\nAttempt 7 at this task failed: red. The worktree is as it was ' +
      'before it. What it had written is kept: `git diff 0123456789 refs/yokeflow/wip/4/7` shows it.\n\n<output>\nline',
  );
});
