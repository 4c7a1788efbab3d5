import { parseTaskNumber } from '../../domain/numbers';

test.each([
  [7, 7],
  ['7', 7],
  ['T7', 7],
  ['t07', 7],
  [{ task: 7 }, 7],
  [{ task: 'T7' }, 7],
  [{ epic: 2 }, null],
  [{ task: 7, epic: 2 }, null],
  [0, null],
  [-1, null],
  [1.5, null],
  ['', null],
  ['seven', null],
  ['99999999999', null],
  ['2147483647', 2147483647],
  ['2147483648', null],
  [2147483648, null],
  [null, null],
  [undefined, null],
  [{}, null],
  [{ task: { task: 7 } }, null],
  [[7], null],
])('%j is %j', (input, expected) => {
  expect(parseTaskNumber(input)).toBe(expected);
});

test('what names a task names no epic', () => {
  const epic = (input: unknown) => parseTaskNumber(input, 'epic');
  expect([2, '2', { epic: 2 }, { epic: '2' }].map(epic)).toEqual([2, 2, 2, 2]);
  expect(['T2', { task: 2 }, { epic: 'T2' }, { epic: 2, task: 2 }].map(epic)).toEqual([
    null,
    null,
    null,
    null,
  ]);
});
