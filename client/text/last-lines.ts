import { firstLine } from './units';

/** The end of what a command printed, without its empty lines, each shortened to fit. */
export function lastLines(text: string, most: number): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-most)
    .map((line) => firstLine(line));
}
