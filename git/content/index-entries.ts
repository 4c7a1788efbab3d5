import { GITLINK } from './diff';

export interface IndexEntry {
  mode: string;
  object: string;
  path: string;
}

export interface Content {
  files: IndexEntry[];
  /** Submodules: entries that name a commit of another repository. */
  links: IndexEntry[];
  /** Repositories inside the worktree that git does not track. */
  nested: string[];
}

/** Reads `ls-files -z -t --stage --others`; of a conflicted path, one side stands for the entry. */
export function parseContent(output: string): Content {
  const content: Content = { files: [], links: [], nested: [] };
  const seen = new Set<string>();
  for (const record of output.split('\0')) {
    if (record.startsWith('? ')) {
      if (record.endsWith('/')) content.nested.push(record.slice(2, -1));
      continue;
    }
    const tab = record.indexOf('\t');
    const [, mode, object] = record.slice(0, tab).split(' ');
    const path = record.slice(tab + 1);
    if (tab < 0 || !mode || !object || seen.has(path)) continue;
    seen.add(path);
    (mode === GITLINK ? content.links : content.files).push({ mode, object, path });
  }
  return content;
}

/** Input of `update-index -z --index-info`. */
export function indexInfo(entries: IndexEntry[]): string {
  return entries.map(({ mode, object, path }) => `${mode} ${object} 0\t${path}\0`).join('');
}
