import { Lexer, Parser } from 'yaml';
import type { CST, LineCounter } from 'yaml';

/** Far above any plan that people or agents write, and low enough to refuse noise within seconds. */
const MAX_CHARACTERS = 4 * 1024 * 1024;
const MAX_LEXEMES = 1_000_000;
const MAX_DEPTH = 100;
const MAX_SYNTAX_ERRORS = 20;

/** Control characters that text files do not have. */
const BINARY = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/;

export type Tokens = { ok: true; tokens: CST.Token[] } | { ok: false; message: string };

/**
 * The syntax tree of a YAML text, as far as it can be had cheaply: the parser's recursion and its
 * quadratic cases (100,000 open brackets) are cut off here, before it builds anything.
 */
export function tokenize(text: string, lines: LineCounter): Tokens {
  const refuse = (message: string): Tokens => ({ ok: false, message });
  if (text.length > MAX_CHARACTERS) {
    return refuse('is larger than 4 MB, which no plan is; check that this is the plan file');
  }
  if (BINARY.test(text)) return refuse('is not a text file; save the plan as YAML or JSON in UTF-8');
  if (text.trim() === '') return refuse('is empty; a plan needs at least "project: NAME" and "epics: []"');

  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  let errors = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === 'error') errors++;
    }
    if (errors >= MAX_SYNTAX_ERRORS) break;
    if (parser.stack.length > MAX_DEPTH) return refuse('is nested too deeply for a plan; check its brackets');
    if (++lexemes > MAX_LEXEMES) return refuse('has too many entries for one plan; split it into projects');
  }
  tokens.push(...parser.end());
  return { ok: true, tokens };
}
