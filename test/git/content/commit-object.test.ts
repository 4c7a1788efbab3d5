import fc from 'fast-check';
import { writeCommit } from '../../../git/content/commit-object';
import { commitOf, treeOf } from '../../../git/content/commits';
import { gitOf } from '../../../git/repository/repository';
import * as support from '../../support/git-repository';

const { commit, git, newRepository } = support;
afterAll(support.removeTemporaryFolders);

const DATE = '2026-01-02T03:04:05.678Z';

test('is byte by byte what git commit-tree writes, whoever commits and whatever is said', async () => {
  const repo = await newRepository();
  const head = await git(repo.path, 'rev-parse', 'main');
  const tree = await treeOf(repo, head);
  const line = fc
    .string({ unit: 'grapheme' })
    .filter((text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(text));
  await fc.assert(
    fc.asyncProperty(line, line, fc.array(line, { maxLength: 4 }), async (name, email, lines) => {
      const identity = { name: `A ${name}`, email: `a${email}@example.com` };
      const message = lines.join('\n');
      const env = { GIT_AUTHOR_DATE: DATE, GIT_COMMITTER_DATE: DATE };
      const other = { ...repo, identity };
      const expected = await gitOf(other).line(['commit-tree', tree, '-p', head], { input: message, env });
      expect(await writeCommit(other, { tree, parents: [head, head], message, date: DATE })).toBe(expected);
    }),
    { numRuns: 25, examples: [[' <b>.', '.', ['', 'ä', '']]] },
  );
});

test('refuses a tree or a parent that is not there, and goes on', async () => {
  const repo = await newRepository();
  const head = await commit(repo.path, 'second', { b: 'b' });
  const tree = await treeOf(repo, head);
  const gone = 'a'.repeat(40);
  const request = { tree, parents: [head], message: 'm' };
  await expect(writeCommit(repo, { ...request, tree: gone })).rejects.toThrow(/is not in/);
  await expect(writeCommit(repo, { ...request, parents: [tree] })).rejects.toThrow(/is not in/);
  const written = await writeCommit(repo, request);
  expect(await commitOf(repo, written)).toBe(written);
});
