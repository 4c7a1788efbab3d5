import { redacted } from '../../../agents/claude/redacted';

test('half a surrogate pair and NUL, which the API or PostgreSQL refuse, are replaced; whole pairs stay', () => {
  const cut = 'rocket 🚀'.slice(0, -1);
  expect(redacted({ text: [cut, 'whole 🚀', 'a\0b'] }, (text) => text)).toEqual({
    text: ['rocket \ufffd', 'whole 🚀', 'a\ufffdb'],
  });
});
