import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { EVENT_TYPES } from '../domain/session/events';
import { FAILURES } from '../domain/session/failures';
import { keysInFile } from '../domain/plan/plan-schema';
import { parseRunInput } from '../domain/session/run-input';
import { commandTree } from './client/command-tree';

const ROOT = path.join(__dirname, '..');
const program = commandTree();

const read = (file: string) => readFile(path.join(ROOT, file), 'utf8');
async function pages(): Promise<string[]> {
  const below = await readdir(path.join(ROOT, 'docs'), { recursive: true });
  const docs = below.filter((file) => file.endsWith('.md')).map((file) => path.join('docs', file));
  return ['README.md', 'CONTRIBUTING.md', ...docs];
}

/** As GitHub makes them from headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test('every relative link of README and docs leads somewhere', async () => {
  const broken: string[] = [];
  let links = 0;
  for (const page of await pages()) {
    for (const [, target = ''] of (await read(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      links++;
      const [file = '', anchor] = target.split('#');
      const to = file === '' ? page : path.join(path.dirname(page), file);
      const there = existsSync(path.join(ROOT, to));
      const known = !anchor || (there && anchorsOf(await read(to)).includes(anchor));
      if (!there || !known) broken.push(`${page}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
  expect(links).toBeGreaterThan(50);
});

/** The commands in code, each as its words: `yokeflow plan show`, also when it is started through npm. */
function commandsIn(text: string): string[][] {
  const blocks = text.replace(/\\\n\s*/g, ' ').match(/^ {4}.+$|`[^`\n]+`/gm) ?? [];
  return blocks.flatMap((code) =>
    [
      ...code.matchAll(
        /(?:npm run -s yokeflow --|(?<![\w/.@"-]|npm run -s )yokeflow(?! --))((?: +(?:'[^']*'|"[^"]*"|[^\s|;&#)`<>']+))+)/g,
      ),
    ].map(([, words]) => words!.trim().split(/ +(?=(?:[^'"]|'[^']*'|"[^"]*")*$)/)),
  );
}

function problemOf(words: string[]): string | null {
  let command: Command = program;
  let at = 0;
  for (; at < words.length; at++) {
    const next = command.commands.find((known) => known.name() === words[at]);
    if (!next) break;
    command = next;
  }
  if (command === program) return /^[a-z]/.test(words[0]!) ? `no command ${words[0]}` : null;
  if (command.name() === 'temporal') return null;
  if (command.commands.length > 0 && /^[a-z]+$/.test(words[at] ?? '')) return `no command ${words[at]}`;
  const known = [...command.options.map(({ long }) => long), '--help'];
  const strange = words.find((word) => word.startsWith('--') && !known.includes(word.split('=')[0]));
  return strange === undefined ? null : `${command.name()} has no ${strange}`;
}

test('every command and option that README and docs name is there', async () => {
  const wrong: string[] = [];
  let commands = 0;
  for (const page of await pages()) {
    for (const words of commandsIn(await read(page))) {
      commands++;
      const problem = problemOf(words);
      if (problem) wrong.push(`${page}: yokeflow ${words.join(' ')}: ${problem}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(commands).toBeGreaterThan(80);
  expect(problemOf(['run', '--fast'])).toBe('run has no --fast');
  expect(problemOf(['plan', 'shove'])).toBe('no command shove');
});

/** What is missing from a page, each to be there as code. */
async function missing(page: string, words: readonly string[]): Promise<string[]> {
  const text = await read(path.join('docs/guide', page));
  return words.filter((word) => !text.includes(`\`${word}\``));
}

/** `plan show`, of a command that prints JSON. */
const printingJson = (command: Command, path: string[] = []): string[] =>
  command.commands.flatMap((each) => {
    const here = [...path, each.name()];
    const own = each.options.some(({ long }) => long === '--json') ? [here.join(' ')] : [];
    return [...own, ...printingJson(each, here)];
  });

test('the guide says of every command that prints JSON what that is', async () => {
  const commands = printingJson(program);
  expect(commands.length).toBeGreaterThan(30);
  expect(await missing('json.md', commands)).toEqual([]);
});

test('the guide names every event, input field, option of a run, key of a plan, and failure', async () => {
  const asked = parseRunInput({ project: 'p', nonsense: 1 });
  const fields = asked.ok ? [] : asked.message.replace(/.*fields are /, '').split(', ');
  const run = program.commands.find((command) => command.name() === 'run')!;
  const options = run.options.map(({ long }) => long!);
  const keys = [[], ['epics', 0], ['epics', 0, 'tasks', 0]].flatMap((place) => keysInFile(place));
  expect([fields.length, options.length, keys.length].every((count) => count > 8)).toBe(true);
  expect(await missing('options.md', [...fields, ...options, ...keys])).toEqual([]);
  expect(await missing('events.md', EVENT_TYPES)).toEqual([]);
  expect(await missing('troubleshooting.md', Object.keys(FAILURES))).toEqual([]);
});
