import fc from 'fast-check';
import { createOutputTail } from '../../agents/output-tail';

test('short output is kept as it is, in whatever pieces it comes', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 20 }), (chunks) => {
      const tail = createOutputTail(100_000);
      chunks.forEach((chunk) => tail.add(chunk));
      expect(tail.text()).toBe(chunks.join(''));
    }),
  );
});

test('long output is cut in the middle: head and tail are exact, and the count of what is missing', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, maxLength: 50 }), { minLength: 20 }), (chunks) => {
      const tail = createOutputTail(100);
      chunks.forEach((chunk) => tail.add(chunk));
      const whole = chunks.join('');
      fc.pre(whole.length > 100);
      const [, head, count, end] = /^([^]{25})\n\[\.\.\. (\d+) characters left out \.\.\.\]\n([^]{75})$/.exec(
        tail.text(),
      )!;
      expect(whole.startsWith(head!)).toBe(true);
      expect(whole.endsWith(end!)).toBe(true);
      expect(Number(count)).toBe(whole.length - 100);
    }),
  );
});
