import { parseRunInput } from '../../../domain/session/run-input';

test('every field but project has a default', () => {
  expect(parseRunInput({ project: 'my-app' })).toEqual({
    ok: true,
    options: {
      project: 'my-app',
      parallel: false,
      maxConcurrency: 3,
      mergeStrategy: 'regular',
      scheduling: 'dependencies',
      maxAttempts: 3,
      taskTimeoutMinutes: 60,
      onConflict: 'agent',
      onFailure: 'continue',
    },
  });
});

test.each([
  [undefined, 'input: must be one JSON object, such as {"project":"my-app"}'],
  [[], 'input: must be one JSON object, such as {"project":"my-app"}, got []'],
  [{}, 'project: is required: the name of an imported project'],
  [{ project: 7 }, 'project: is required: the name of an imported project, got 7'],
  [{ project: 'a/b' }, /^project: .*, got "a\/b"$/],
  [{ project: 'p', maxConcurrency: 0 }, 'maxConcurrency: must be a whole number from 1 to 10, got 0'],
  [{ project: 'p', maxConcurrency: 11 }, 'maxConcurrency: must be a whole number from 1 to 10, got 11'],
  [{ project: 'p', maxConcurrency: 2.5 }, 'maxConcurrency: must be a whole number from 1 to 10, got 2.5'],
  [
    { project: 'p', maxConcurrency: 'many' },
    'maxConcurrency: must be a whole number from 1 to 10, got "many"',
  ],
  [
    { project: 'p', mergeStrategy: 'octopus' },
    'mergeStrategy: must be one of regular, squash, got "octopus"',
  ],
  [
    { project: 'p', agent: 'gpt' },
    'agent: must be one of claude, claude-code, codex, command, script, got "gpt"',
  ],
  [{ project: 'p', parallel: 'yes' }, 'parallel: must be true or false, got "yes"'],
  [
    { project: 'p', pullRequests: true },
    'parallel: must be on for pull requests, so that each epic has a branch',
  ],
  [
    { project: 'p', parallel: true, pullRequests: true, mergeStrategy: 'squash' },
    'mergeStrategy: must be regular for pull requests: who merges one chooses how, got "squash"',
  ],
  [{ project: 'p', epics: [] }, 'epics: must name at least one epic, got []'],
  [{ project: 'p', epics: [1, 'b'] }, 'epics.1: must be epic numbers, got "b"'],
  [{ project: 'p', budgetUsd: '5' }, 'budgetUsd: must be an amount in USD, such as 5 or 0.25, got "5"'],
  [{ project: 'p', budgetUsd: 1e10 }, 'budgetUsd: must be at most 1000000000 USD, got 10000000000'],
  [{ project: 'p', taskBudgetUsd: 1e300 }, 'taskBudgetUsd: must be at most 1000000000 USD, got 1e+300'],
  [{ project: 'p', verify: 'true\0' }, 'verify: holds a NUL character; remove it, got "true\\u0000"'],
  [{ project: 'p', model: 'a b' }, 'model: must be a model name or alias such as opus, got "a b"'],
  [
    { project: 'p', model: 'a\ud83d' },
    'model: holds half of a character (a lone surrogate); remove it, got "a\\ud83d"',
  ],
  [
    { project: 'p', parralel: true },
    /^parralel: is not a field of the input; the fields are project, parallel, /,
  ],
])('%j: one line that names the field', (input, message) => {
  const parsed = parseRunInput(input);
  expect(parsed.ok ? '' : parsed.message).toMatch(
    typeof message === 'string' ? new RegExp(`^${escape(message)}$`) : message,
  );
});

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
