import { parseRunInput } from '../../../domain/session/run-input';
import { hintFor } from '../../../client/text/hint';
import { runLine } from '../../../client/status/run-line';

const lineFor = (input: object): string => {
  const parsed = parseRunInput({ project: 'shop', ...input });
  if (!parsed.ok) throw new Error(parsed.message);
  return runLine({ project: 'shop', options: parsed.options }, hintFor({}));
};

test('what a session was started with starts the next one, and defaults go unsaid', () => {
  expect(lineFor({})).toBe('yokeflow run --project shop');
  expect(lineFor({ parallel: true, maxConcurrency: 3, mergeStrategy: 'regular' })).toBe(
    'yokeflow run --project shop --parallel',
  );
  expect(
    lineFor({
      parallel: true,
      mergeStrategy: 'squash',
      budgetUsd: 2.5,
      maxAttempts: 1,
      verify: "npm test -- 'a b'",
    }),
  ).toBe(
    "yokeflow run --project shop --parallel --merge-strategy squash --budget 2.5 --max-attempts 1 --verify 'npm test -- '\\''a b'\\'''",
  );
});

test('which epics a session was limited to is its own matter', () => {
  expect(lineFor({ epics: [2], onFailure: 'wait' })).toBe('yokeflow run --project shop --on-failure wait');
});
