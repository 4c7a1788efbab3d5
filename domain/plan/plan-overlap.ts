import type { PlanEpic } from './plan';

/** Two epics whose tasks name the same files or folders. */
export interface Overlap {
  epics: [number, number];
  paths: string[];
}

/** What paths are made of. Nobody's path is as long as a line of base64, in which to look for one takes forever. */
const WORD = /[\w.@/-]+/g;
const LONGEST = 250;
/** `src/app.ts`, `app.ts`, `src/routes/`: a path, or a file name with an extension of letters. */
const PATH = /(?:[\w.@-]+\/)+[\w.@-]*|\b[\w-]+\.[a-z]{1,4}\b/gi;
/** Words that look like file names. */
const NO_FILE = /^(e\.g|i\.e|etc|node\.js|vue\.js|next\.js|\d+\.\w+)$/i;

/** The pairs of epics that are likely to conflict, by the paths that their tasks name; the most paths first. */
export function overlaps(epics: readonly PlanEpic[]): Overlap[] {
  const named = epics.map(({ id, tasks }) => ({
    id,
    paths: new Set(tasks.flatMap(({ description, action }) => pathsIn(`${description}\n${action}`))),
  }));
  const found: Overlap[] = [];
  for (const [index, one] of named.entries()) {
    for (const other of named.slice(index + 1)) {
      const paths = [...one.paths].filter((path) => other.paths.has(path)).sort();
      if (paths.length > 0) found.push({ epics: [one.id, other.id], paths });
    }
  }
  return found.sort((a, b) => b.paths.length - a.paths.length);
}

function pathsIn(text: string): string[] {
  const words = [...text.matchAll(WORD)].map(([word]) => word).filter((word) => word.length <= LONGEST);
  return words
    .flatMap((word) => [...word.matchAll(PATH)])
    .map(([path]) => path.replace(/^\.\//, '').replace(/[./]+$/, ''))
    .filter((path) => path.length > 2 && !path.startsWith('/') && !NO_FILE.test(path));
}
