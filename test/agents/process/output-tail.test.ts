import fc from 'fast-check';
import { createOutputTail, headAndTail } from '../../../agents/process/output-tail';

test('short output is kept as it is, in whatever pieces it comes', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 20 }), (chunks) => {
      const tail = createOutputTail(100_000);
      chunks.forEach((chunk) => tail.add(chunk));
      expect(tail.text()).toBe(chunks.join(''));
    }),
  );
});

test('long output is cut in the middle, between words: head and tail are exact, and the count of what is missing', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, maxLength: 50 }), { minLength: 20 }), (chunks) => {
      const tail = createOutputTail(100);
      chunks.forEach((chunk) => tail.add(chunk));
      const whole = chunks.join('');
      fc.pre(whole.length > 100);
      const [, head, count, end] = /^([^]*)\n\[\.\.\. (\d+) characters left out \.\.\.\]\n([^]*)$/.exec(
        tail.text(),
      )!;
      expect(whole.startsWith(head!)).toBe(true);
      expect(whole.endsWith(end!)).toBe(true);
      expect(Number(count)).toBe(whole.length - head!.length - end!.length);
      expect(head).toMatch(/\s$|^$/);
      expect(end).toMatch(/^\s|^$/);
    }),
  );
});

test('a word that the cut divides is left out, where it is not longer than a secret could be', () => {
  const text = `${'head '.repeat(20)}${'x'.repeat(60)}${' tail'.repeat(20)}`;
  expect(headAndTail(text, 100)).toBe(
    `${'head '.repeat(5)}\n[... 160 characters left out ...]\n${' tail'.repeat(15)}`,
  );
  expect(headAndTail(text, 99)).toBe(
    `${'head '.repeat(4)}\n[... 165 characters left out ...]\n${' tail'.repeat(15)}`,
  );
  expect(headAndTail(text, 102)).toBe(headAndTail(text, 100));
});

test('of a secret that the cut divides neither half is kept, in words of any length', () => {
  const secret = 'sk-ant-api03-0123456789abcdef';
  for (let before = 3_960; before <= 4_000; before++) {
    const text = `${'y'.repeat(before)}${secret}${'z'.repeat(20_000)}`;
    for (const whole of [
      text,
      [...text]
        .reverse()
        .join('')
        .replaceAll([...secret].reverse().join(''), secret),
    ]) {
      const tail = createOutputTail();
      tail.add(whole);
      expect(tail.text().replaceAll(secret, '')).not.toMatch(/sk-|def[yz]/);
    }
  }
});
