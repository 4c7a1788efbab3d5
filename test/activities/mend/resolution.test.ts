import { diffOf } from '../../../activities/mend/resolution';
import { createRedactor } from '../../../agents/contract/redact';
import { commit, git, newBranch, newRepository, removeTemporaryFolders } from '../../support/git-repository';

afterAll(removeTemporaryFolders);

test('of a secret at the place where a long diff is cut, nothing is left', async () => {
  const repo = await newRepository();
  const ours = await newBranch(repo, 'epic-1-x', { 'a.txt': '1\nepic\n3\n' });
  const theirs = await commit(repo.path, 'main', { 'a.txt': '1\nmain\n3\n' });
  const secret = 'planted-0123456789abcdef';
  // Wherever the cut falls in the one, it falls into another half of a secret in the other.
  for (const shift of ['', 'x'.repeat(12)]) {
    const files = { 'a.txt': `1\n${shift}${`${secret} `.repeat(24_000)}\n3\n` };
    const made = await newBranch(repo, `resolved${shift}`, files);
    const result = await git(repo.path, 'rev-parse', `${made}^{tree}`);
    const diff = await diffOf({ redact: createRedactor([secret]) }, repo, { ours, theirs, result });
    expect(diff.slice(-11)).toBe('\n[cut off]\n');
    expect(diff.slice(-60)).not.toContain('planted');
  }
});
