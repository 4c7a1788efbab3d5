import { harmless } from '../text/harmless';

/** Markup that is safe to put into a page as it is. Made by `html` alone. */
export class Html {
  constructor(readonly text: string) {}
}

type Value = Html | string | number | null | false | undefined | readonly Value[];

/** A template whose values are escaped, all but markup that was made by it, too. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(parts.reduce((page, part, index) => page + asText(values[index - 1]) + part));
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function asText(value: Value): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(asText).join('');
  return harmless(String(value)).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
