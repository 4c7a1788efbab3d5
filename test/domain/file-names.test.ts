import { fileNames } from '../../domain/file-names';

test('files are named in one line, whatever they are called', () => {
  expect(fileNames(['a b', 'new\nline', 'c'])).toBe('a b, "new\\nline", c');
  expect(fileNames(['a', 'b', 'c'], 2)).toBe('a, b and 1 more');
  expect(fileNames(['a'], 2)).toBe('a');
});
