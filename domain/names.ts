import anyAscii from 'any-ascii';

/** The one branch (and worktree) of a session that is not parallel. */
export const SEQUENTIAL_BRANCH = 'yokeflow-sequential';
export const WORKTREES_DIRECTORY = '.worktrees';

const NAME_LIMIT = 200;
const WINDOWS_RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])$/;

/**
 * Lower-case ASCII letters and digits joined by single hyphens: valid in a git ref and in a path on
 * every system. Other scripts are transliterated; where nothing remains, a hash of the name stands in.
 */
export function slugify(name: string): string {
  const slug = anyAscii(name.normalize('NFC'))
    .toLowerCase()
    .replace(/['`]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  if (slug === '') return fnv1a(name);
  return WINDOWS_RESERVED.test(slug) ? `${slug}-epic` : slug;
}

/** `42, 'User Authentication'` -> `epic-42-user-authentication`, at most 200 characters. */
export function epicBranchName(id: number, name: string): string {
  return `epic-${id}-${slugify(name)}`.slice(0, NAME_LIMIT).replace(/-$/, '');
}

/** FNV-1a, 32 bits, over UTF-16 code units, as eight hex digits (draft-eastlake-fnv). */
export function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
