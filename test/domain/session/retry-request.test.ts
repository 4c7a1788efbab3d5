import { MAX_INSTRUCTIONS, parseRetryRequest } from '../../../domain/session/retry-request';

test.each([
  [7, { task: 7 }],
  ['T7', { task: 7 }],
  [{ task: 'T7' }, { task: 7 }],
  [
    { task: 7, instructions: 'Use the old API', model: 'opus' },
    { task: 7, instructions: 'Use the old API', model: 'opus' },
  ],
  [
    { task: 7, instructions: '' },
    { task: 7, instructions: '' },
  ],
])('reads %j', (input, request) => {
  expect(parseRetryRequest(input)).toEqual({ ok: true, request });
});

test.each([
  [undefined, 'task: must be a task number such as 7 or "T7", got nothing'],
  [{ instructions: 'x' }, 'task: must be a task number such as 7 or "T7", got {"instructions":"x"}'],
  [{ task: 7, instruction: 'x' }, 'instruction: is not a field; the fields are task, instructions, model'],
  [{ task: 7, instructions: 5 }, 'instructions: must be a text, got 5'],
  [
    { task: 7, instructions: 'x'.repeat(MAX_INSTRUCTIONS + 1) },
    `instructions: must be at most ${MAX_INSTRUCTIONS} characters, got ${MAX_INSTRUCTIONS + 1}; put long ones into the plan`,
  ],
  [{ task: 2 ** 31 }, 'task: must be a task number such as 7 or "T7", got {"task":2147483648}'],
  [{ task: 7, instructions: 'a\0' }, 'instructions: holds a NUL character; remove it'],
  [{ task: 7, model: '\ud83d' }, 'model: holds half of a character (a lone surrogate); remove it'],
  [{ task: 7, model: 'a b' }, 'model: must be a model name or alias such as opus, got "a b"'],
  [{ task: 7, model: ' ' }, 'model: must be a model name or alias such as opus, got " "'],
])('refuses %j in one line', (input, message) => {
  expect(parseRetryRequest(input)).toEqual({ ok: false, message });
});
