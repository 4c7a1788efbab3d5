import { shortened } from '../../domain/shortened';

/** What a call is mostly about, by the names that tools give it. */
const MAIN = ['command', 'file_path', 'path', 'pattern', 'query', 'url', 'prompt', 'description'];
const LINE_LIMIT = 160;
const VALUE_LIMIT = 40;

/** A tool call on one line: `bash npm test`, `edit src/a.ts old_string="let a" new_string="const a"`. */
export function callLine(name: string, input: unknown): string {
  const entries: [string, unknown][] =
    typeof input === 'object' && input !== null ? Object.entries(input) : [['input', input]];
  const main = MAIN.map((key) => entries.find(([name]) => name === key)).find((entry) => entry !== undefined);
  const rest = entries.filter((entry) => entry !== main && entry[1] !== undefined);
  const words = [
    name,
    ...(main ? [oneLine(asText(main[1]))] : []),
    ...rest.map(([key, value]) => `${key}=${shown(value)}`),
  ];
  return shortened(words.join(' '), LINE_LIMIT);
}

/** Everything that was passed, a block for each argument of several lines. */
export function callDetails(input: unknown): string {
  if (typeof input !== 'object' || input === null) return asText(input);
  return Object.entries(input)
    .map(([key, value]) => {
      const text = asText(value);
      return text.includes('\n') ? `${key}:\n${indented(text, '  ')}` : `${key}: ${text}`;
    })
    .join('\n');
}

export const indented = (text: string, by: string): string =>
  text
    .split('\n')
    .map((line) => `${by}${line}`.trimEnd())
    .join('\n');

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));

const shown = (value: unknown) =>
  typeof value === 'string'
    ? JSON.stringify(shortened(oneLine(value), VALUE_LIMIT))
    : shortened(asText(value), VALUE_LIMIT);

const oneLine = (text: string) => text.trim().replace(/\s*\n\s*/g, ' ⏎ ');
