import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { OutputTail } from './output-tail';

/** Of a line that has not ended, no more than this is waited for. */
const MAX_OPEN = 4_000;

/**
 * A stream of text that goes into `tail`; its last whole line so far to `onLine`: half of one could hold half of a
 * secret, which nobody would know.
 */
export function follow(
  stream: Readable,
  tail: Pick<OutputTail, 'add'>,
  onLine?: (line: string) => void,
): void {
  const decoder = new StringDecoder('utf8');
  let open = '';
  const show = (line: string | undefined) => {
    if (line?.trim()) onLine?.(line.trimEnd());
  };
  stream.on('data', (chunk: Buffer) => {
    const text = decoder.write(chunk);
    tail.add(text);
    if (!onLine) return;
    const lines = (open + text).split(/[\r\n]/);
    open = lines.pop()!.slice(0, MAX_OPEN);
    show(lines.findLast((line) => line.trim() !== ''));
  });
  stream.on('end', () => show(open));
}

/** A line that is longer than this is dropped: no protocol message is, and memory is finite. */
const MAX_LINE = 64 * 1024 * 1024;

/**
 * Hands on each line of a stream, one at a time: nothing more is read while `onLine` works, so a slow reader slows
 * the writer down. The last line counts also without its newline.
 *
 * @throws what `onLine` throws.
 */
export async function eachLine(
  stream: Readable,
  onLine: (line: string) => Promise<void>,
  maxLine = MAX_LINE,
): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  let length = 0;
  const add = (part: string) => {
    length += part.length;
    if (length <= maxLine) parts.push(part);
  };
  const finish = async () => {
    const line = length <= maxLine ? parts.join('') : '';
    parts = [];
    length = 0;
    if (line.trim()) await onLine(line);
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const [first, ...rest] = decoder.write(chunk).split('\n');
    add(first!);
    for (const part of rest) {
      await finish();
      add(part);
    }
  }
  add(decoder.end());
  await finish();
}
