import { cutText, startOf } from '../../domain/cut-text';

test('a text is cut between words: half a secret would not be known as one', () => {
  expect(cutText('the key sk-0123456789 is refused', 14)).toBe('the key...');
  expect(cutText('the key', 7)).toBe('the key');
});

test('a limit halves no character', () => {
  expect(startOf('ab🚀', 3)).toBe('ab');
  expect(startOf('ab🚀', 4)).toBe('ab🚀');
  expect(startOf('abc', 2)).toBe('ab');
});
