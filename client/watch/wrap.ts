import stringWidth from 'string-width';
import { headOf } from '../text/columns';

/** Below this, lines are cut: there is nothing to read or to type. */
const LEAST_WIDTH = 16;

/** The text in lines of at most `width` columns, between its words; what is over after `most` lines stays in the last. */
export function wrapText(text: string, width: number, most = Infinity): string[] {
  if (width < LEAST_WIDTH) return [text];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const joined = `${lines.at(-1)} ${word}`;
    const stays = lines.length >= most || stringWidth(joined) <= width;
    if (lines.length > 0 && stays) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines;
}

/** What a shell takes for one word, with the spaces in its quotes. */
const SHELL_WORD = /(?:\\.|'[^']*'|"[^"]*"|[^\s'"\\])+|\S/g;
const FIRST = '  ';
const NEXT = '    ';

/**
 * A command, indented, in lines that are still this command when they are pasted: a backslash ends all but the last. In a
 * comment it would not: what goes on in the next line would be run. So a comment has a line of its own, however long.
 */
export function wrapCommand(command: string, width: number): string[] {
  if (width < LEAST_WIDTH || stringWidth(FIRST + command) <= width) return [FIRST + command];
  const comment = [...command.matchAll(SHELL_WORD)].find(([word]) => word.startsWith('#'))?.index;
  const lines = wrapWords(command.slice(0, comment).match(SHELL_WORD) ?? [], width);
  return comment === undefined ? lines : [...lines, FIRST + command.slice(comment)];
}

function wrapWords(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const joined = line ? `${line} ${word}` : FIRST + word;
    if (line && stringWidth(`${joined} \\`) > width) {
      lines.push(`${line} \\`);
      line = NEXT + word;
    } else line = joined;
    // An indentation would make two words of one. In quotes a backslash means itself.
    const joint = /['"]/.test(word) ? '' : '\\';
    while (stringWidth(`${line} \\`) > width) {
      const head = headOf(line, width - joint.length);
      lines.push(head + joint);
      line = line.slice(head.length);
    }
  }
  return [...lines, line];
}
