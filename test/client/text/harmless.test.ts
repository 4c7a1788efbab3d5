import { harmless, harmlessJson, printable } from '../../../client/text/harmless';
import { money } from '../../../client/text/units';

it.each([
  ['colours and cursor', 'a\u001b[31mred\u001b[2J', 'a␛[31mred␛[2J'],
  ['a window title', '\u001b]0;owned\u0007', '␛]0;owned␇'],
  ['the one-byte escapes', '\u009b31m\u009d', '<U+009B>31m<U+009D>'],
  ['going back over what was said', 'safe\b\b\b\bevil\u007f', 'safe␈␈␈␈evil␡'],
  ['writing turned around', 'a\u202etxt.exe', 'a<U+202E>txt.exe'],
  ['line ends of every kind', 'a\r\nb\rc\n\td', 'a\nb\nc\n\td'],
  ['nothing to do', 'Grüße, 世界 👍', 'Grüße, 世界 👍'],
])('%s', (_, text, shown) => {
  expect(harmless(text)).toBe(shown);
});

it.each([
  [
    'our colours stay',
    true,
    '\u001b[1m\u001b[31mred\u001b[39m\u001b[22m',
    '\u001b[1m\u001b[31mred\u001b[39m\u001b[22m',
  ],
  ['without colours none does', false, '\u001b[31mred\u001b[39m', '␛[31mred␛[39m'],
  [
    'hidden and blinking text, titles, cursor',
    true,
    '\u001b[8m\u001b[5m\u001b]0;x\u0007\u001b[2J',
    '␛[8m␛[5m␛]0;x␇␛[2J',
  ],
  ['a text in the colour of what is behind it', true, '\u001b[30m\u001b[37m\u001b[40m', '␛[30m␛[37m␛[40m'],
  ['JSON keeps its meaning', true, '{"a":"\u009b\u202e"}', '{"a":"\\u009b\\u202e"}'],
])('on its way to the terminal: %s', (_, coloured, text, shown) => {
  expect(printable(text, coloured)).toBe(shown);
});

it('JSON stays what it was, without a control character', () => {
  const value = { text: 'a\u001b[31m\u009b31m\u202e\u007f' };
  const json = harmlessJson(value);
  expect(json).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(json)).toEqual(value);
});

it.each([
  [0, '0.00 USD'],
  [4.205, '4.21 USD'],
  [0.01, '0.01 USD'],
  [0.0042, '0.0042 USD'],
  [0.000_000_05, '0.000000050 USD'],
])('%d is %s', (usd, text) => {
  expect(money(usd)).toBe(text);
});
