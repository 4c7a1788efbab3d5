import { droppedFiles } from '../../../git/content/dropped';
import { droppedLines } from '../../../git/content/dropped-lines';
import type { Repository } from '../../../git/repository/repository';
import {
  commit,
  git,
  newBranch,
  newRepository,
  removeTemporaryFolders,
  type Files,
} from '../../support/git-repository';

afterAll(removeTemporaryFolders);

const lines = (...all: (string | number)[]) => all.map((line) => `${line}\n`).join('');
const base = { 'f.txt': lines(1, 2, 3, 4, 5, 6, 7, 8, 9), 'other file.txt': lines('a', 'b', 'c') };

/** Both sides change line 2 of `f.txt`; main also adds a line at its end, and one to another file. */
async function sides(repo: Repository) {
  const ours = await newBranch(repo, 'epic-1-x', {
    'f.txt': lines('own', 'epic', 3, 4, 5, 'six', 7, 8, 9),
    'epic.txt': lines('epic work'),
  });
  const theirs = await commit(repo.path, 'main', {
    'f.txt': lines(1, 'main', 3, 4, 5, 6, 7, 8, 9, 'from main'),
    'other file.txt': lines('a', 'b', 'main too', 'c'),
    bin: '\0main\n',
  });
  return { ours, theirs };
}

const merged: Files = {
  'f.txt': lines('own', 'both', 3, 4, 5, 'six', 7, 8, 9, 'from main'),
  'epic.txt': lines('epic work'),
  'other file.txt': lines('a', 'b', 'main too', 'c'),
  bin: '\0main\n',
};

async function resolved(files: Files) {
  const repo = await newRepository(base);
  const { ours, theirs } = await sides(repo);
  const all = Object.entries({ ...merged, ...files }).filter(([, content]) => content !== null);
  const made = await newBranch(repo, 'resolved', Object.fromEntries(all));
  const result = await git(repo.path, 'rev-parse', `${made}^{tree}`);
  const merge = { ours, theirs, result };
  return { lines: await droppedLines(repo, merge), files: await droppedFiles(repo, merge) };
}

const NOTHING = { ours: [], theirs: [] };

describe('what a resolution dropped of what git had merged by itself', () => {
  it('is nothing where all is there, however it is indented or wherever it was moved', async () => {
    expect(await resolved({})).toEqual({ lines: [], files: NOTHING });
    expect(
      await resolved({
        'f.txt': lines('own', 'both', 3, 4, 5, 'six', 7, 8, 9),
        'moved.txt': lines('from main'),
        'other file.txt': lines('  a', '  b', '  main too', '  c'),
      }),
    ).toEqual({ lines: [], files: NOTHING });
  });

  it('is named by file: lines of either side, not what was in conflict', async () => {
    expect(
      await resolved({
        'f.txt': lines('epic', 3, 4, 5, 'six', 7, 8, 9),
        'other file.txt': lines('a', 'b', 'changed', 'c'),
      }),
    ).toEqual({
      lines: [
        { path: 'f.txt', lines: ['from main'] },
        { path: 'other file.txt', lines: ['main too'] },
      ],
      files: NOTHING,
    });
  });

  it('is a deletion, where a file is there again that one side had deleted', async () => {
    const repo = await newRepository({ ...base, 'old.txt': 'old\n', 'both.txt': 'b\n' });
    const ours = await newBranch(repo, 'epic-1-x', { 'f.txt': 'epic\n', 'both.txt': 'changed\n' });
    const theirs = await commit(repo.path, 'main', { 'f.txt': 'main\n', 'old.txt': null, 'both.txt': null });
    const of = async (files: Files) => {
      const made = await newBranch(
        repo,
        `made${Object.keys(files).length}`,
        { 'f.txt': 'both\n', ...files },
        theirs,
      );
      const result = await git(repo.path, 'rev-parse', `${made}^{tree}`);
      return droppedLines(repo, { ours, theirs, result });
    };
    expect(await of({})).toEqual([]);
    // Whether `both.txt` stays is what the conflict was about.
    expect(await of({ 'old.txt': 'again\n', 'both.txt': 'changed\n', 'new.txt': 'n\n' })).toEqual([
      { path: 'old.txt', lines: [], deletion: true },
    ]);
  });

  it('is refused where a whole file is as if one side had not changed it', async () => {
    expect((await resolved({ 'other file.txt': base['other file.txt'] })).files).toEqual({
      ours: [],
      theirs: ['other file.txt'],
    });
    expect((await resolved({ 'epic.txt': null })).files).toEqual({ ours: ['epic.txt'], theirs: [] });
    const takesTheirs = { 'f.txt': lines(1, 'main', 3, 4, 5, 6, 7, 8, 9, 'from main') };
    expect(await resolved(takesTheirs)).toEqual({
      lines: [{ path: 'f.txt', lines: ['six'] }],
      files: NOTHING,
    });
  });
});
