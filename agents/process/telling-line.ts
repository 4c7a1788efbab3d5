/** What tools print last and say nothing by: where a log is, which version ran, a stack, advice in general. */
const SAYS_NOTHING = [
  /complete log of this run/i,
  /^node\.js v\d/i,
  /^at .+[:)]\d*\)?$/,
  /^\[notice\]/,
  /\[object Object\]$/,
  /^info visit /i,
  /\bsee above\b/i,
  /^npm (error|ERR!) (code|errno|syscall|path|command) /,
  /\bfor (more|further) (info|information|details|help)\b/i,
];
const NPM = /^npm (?:error|ERR!) ?/;
const NPM_LINES = 2;

/** What Node prints of an error's own properties, after its stack. */
const PROPERTIES = /^([ \t]+at .+) \{\n[\s\S]*?^\}$/gm;

const COLOURS = /\x1b\[[\d;]*m/g;
/** The end of an output is enough to look at, however long it is. */
const MOST = 16_000;

/**
 * The line of a failed command's output that says most about why: the last one that says anything. npm says it first, and
 * then how it is used.
 */
export function tellingLine(output: string): string {
  const lines = output
    .slice(-MOST)
    .replace(COLOURS, '')
    .replace(PROPERTIES, '$1')
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line.replace(NPM, '') !== '' && !SAYS_NOTHING.some((nothing) => nothing.test(line)));
  const last = lines.at(-1) ?? '';
  if (!NPM.test(last)) return last;
  const block = lines.slice(lines.findLastIndex((line) => !NPM.test(line)) + 1);
  return block
    .slice(0, NPM_LINES)
    .map((line) => line.replace(NPM, '').trim())
    .join(' ');
}
