import { table } from '../../../client/text/table';

test('columns stand below each other, also of wide characters', () => {
  const rows = [
    ['検索 と 通知', '1', 'a'],
    ['Search', '10', 'b'],
  ];
  expect(table(['', 'in', 'cost'], rows)).toBe(
    ['              in  cost', '検索 と 通知   1  a', 'Search        10  b'].join('\n'),
  );
});

test('any number of rows', () => {
  const rows = Array.from({ length: 200_000 }, () => ['a', 'b']);
  expect(table(['', ''], rows).length).toBe(1_000_000);
});
