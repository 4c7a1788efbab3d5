import { afterCut, beforeCut } from '../../domain/cut-text';

/** Keeps the head and the tail of a stream of text: a build log's first error and its last lines both matter. */
export interface OutputTail {
  add(chunk: string): void;
  text(): string;
  /** Something was left out. */
  isCut(): boolean;
}

export function createOutputTail(limit = 16_000): OutputTail {
  const headLimit = Math.floor(limit / 4);
  const tailLimit = limit - headLimit;
  let head = '';
  let tail = '';
  let dropped = 0;
  return {
    isCut: () => dropped > 0 || tail.length > tailLimit,
    add(chunk) {
      const room = headLimit - head.length;
      head += chunk.slice(0, Math.max(room, 0));
      tail += chunk.slice(Math.max(room, 0));
      if (tail.length > 2 * tailLimit) drop();
    },
    text() {
      if (tail.length > tailLimit) drop();
      if (!dropped) return head + tail;
      const [first, last] = [beforeCut(head), afterCut(tail)];
      const left = dropped + head.length - first.length + tail.length - last.length;
      return `${first}\n[... ${left} characters left out ...]\n${last}`;
    },
  };

  function drop() {
    dropped += tail.length - tailLimit;
    tail = tail.slice(-tailLimit);
  }
}

/** The same for a text that is there already: all of it when it is short. */
export function headAndTail(text: string, limit?: number): string {
  const tail = createOutputTail(limit);
  tail.add(text);
  return tail.text();
}
