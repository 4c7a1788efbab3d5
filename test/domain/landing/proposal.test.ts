import { proposalBody, proposalTitle, type ProposalFacts } from '../../../domain/landing/proposal';

const facts: ProposalFacts = {
  name: ' User\n Authentication\u202e',
  epic: 2,
  baseBranch: 'main',
  base: 'abcdef0123456789',
  tasks: [
    { number: 3, description: 'Auth models\n\n- not a task' },
    { number: 4, description: 'Login form' },
  ],
  contains: [11],
  verify: 'npm ci &&\n  npm test',
  session: 5,
  costUsd: 0.125,
};

test('a pull request says what it holds, each name on a line of its own', () => {
  expect(proposalTitle(facts)).toBe('User Authentication<U+202E>');
  expect(proposalBody(facts)).toBe(
    '- T3: Auth models - not a task\n- T4: Login form\n\nContains #11: merge that first.\n\n' +
      'Merged with main at abcdef0123, this passed: `npm ci && npm test`\n\nYokeFlow session 5, 0.13 USD\n',
  );
});

test('where nothing verified it and nothing was paid, it says so', () => {
  const bare = { ...facts, name: null, contains: [], verify: null, costUsd: 0 };
  expect(proposalTitle(bare)).toBe('Epic 2');
  expect(proposalTitle({ ...bare, epic: null })).toBe('Sequential session');
  expect(proposalBody({ ...bare, tasks: [] })).toBe(
    'It merges with main at abcdef0123; no command verified it.\n\nYokeFlow session 5\n',
  );
});
