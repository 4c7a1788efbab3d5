import { firstLine } from './units';

/** The end of what a command printed, without its empty lines, each shortened to fit. */
export function lastLines(text: string, most: number): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-most)
    .map((line) => firstLine(line));
}

const MOST_OF_OUTPUT = 6;

/** The end of what made a try fail. Nothing where it was one line: the reason has that already. */
export function outputLines(output: string | null): string[] {
  const lines = lastLines(output ?? '', MOST_OF_OUTPUT);
  return lines.length > 1 ? lines : [];
}
