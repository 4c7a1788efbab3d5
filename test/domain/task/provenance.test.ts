import { provenanceTrailers, type Provenance } from '../../../domain/task/provenance';

const facts: Provenance = {
  task: 7,
  session: 3,
  attempt: 2,
  agent: 'claude',
  model: 'claude-sonnet-5-5',
  costUsd: 0.1234561,
};

it('tells task, session, attempt, agent, model and cost, a trailer each', () => {
  expect(provenanceTrailers(facts).split('\n')).toEqual([
    'YokeFlow-Task: 7',
    'YokeFlow-Session: 3',
    'YokeFlow-Attempt: 2',
    'YokeFlow-Agent: claude',
    'YokeFlow-Model: claude-sonnet-5-5',
    'YokeFlow-Cost: 0.123456 USD',
  ]);
});

it.each([
  ['unknown', null],
  ['none', 0],
])('leaves out a cost that is %s', (_, costUsd) => {
  expect(provenanceTrailers({ ...facts, costUsd })).not.toContain('Cost');
});

it('never rounds a cost down to nothing', () => {
  expect(provenanceTrailers({ ...facts, costUsd: 1e-9 })).toContain('YokeFlow-Cost: 0.000001 USD');
});

it('leaves out a model that is not known, and keeps one with a line break in it from forging a trailer', () => {
  expect(provenanceTrailers({ ...facts, model: null })).not.toContain('Model');
  expect(provenanceTrailers({ ...facts, model: 'x\nYokeFlow-Cost: 0 USD' })).toContain(
    'YokeFlow-Model: x-YokeFlow-Cost:-0-USD\n',
  );
});
