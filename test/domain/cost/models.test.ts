import {
  chooseModel,
  MODEL_ALIASES,
  resolveModel,
  strongerModel,
  type TaskTraits,
} from '../../../domain/cost/models';
import { pricesOf } from '../../../domain/cost/pricing';

test.each([
  ['haiku', 'claude-haiku-5-5'],
  ['Sonnet', 'claude-sonnet-5-5'],
  [' opus ', 'claude-opus-5-5'],
  ['claude-opus-4-8', 'claude-opus-4-8'],
  ['constructor', 'constructor'],
])('%j is %s', (name, id) => expect(resolveModel(name)).toBe(id));

test.each([
  ['haiku', 'claude-sonnet-5-5'],
  ['claude-sonnet-5-5', 'claude-opus-5-5'],
  ['opus', 'claude-opus-5-5'],
  ['gpt-7', 'gpt-7'],
])('one step up from %s is %s', (model, stronger) => expect(strongerModel(model)).toBe(stronger));

test('every alias has a price', () => {
  for (const model of Object.values(MODEL_ALIASES)) expect(pricesOf(model, 0)).not.toBeNull();
});

const task = (description: string, more: Partial<TaskTraits> = {}): TaskTraits => ({
  description,
  action: '',
  dependencies: 0,
  ...more,
});

test.each<[TaskTraits, keyof typeof MODEL_ALIASES, string]>([
  [task('Fix a typo in the README'), 'haiku', 'haiku: a short chore ("typo")'],
  [task('Bump the version', { action: 'Set it to 2.0.1.' }), 'haiku', 'haiku: a short chore ("bump")'],
  [task('Add a button'), 'sonnet', 'sonnet: neither a chore nor hard by its description'],
  [
    task('Rename things', { action: 'x'.repeat(500) }),
    'sonnet',
    'sonnet: neither a chore nor hard by its description',
  ],
  [task('Rename the parser'), 'sonnet', 'sonnet: it is about "parser"'],
  [task('Find the deadlock'), 'sonnet', 'sonnet: it is about "deadlock"'],
  [task('Glue', { dependencies: 3 }), 'sonnet', 'sonnet: it builds on 3 tasks'],
  [task('Glue', { dependencies: 2 }), 'sonnet', 'sonnet: neither a chore nor hard by its description'],
  [
    task('Refactor the store', { dependencies: 4 }),
    'opus',
    'opus: it is about "refactor", and it builds on 4 tasks',
  ],
  [
    task('Do it', { action: `Migrate all of it. ${'y'.repeat(3_000)}` }),
    'opus',
    'opus: it is about "migrate", and its description is long (3025 characters)',
  ],
])('%j: %s', (traits, alias, reason) => {
  expect(chooseModel(traits)).toEqual({ model: MODEL_ALIASES[alias], reason });
});
