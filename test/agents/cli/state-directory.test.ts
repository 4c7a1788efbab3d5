import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeOldConversations } from '../../../agents/cli/state-directory';
import { removeTemporaryFolders, temporaryFolder } from '../../support/git-repository';

afterAll(removeTemporaryFolders);

test('conversations that nobody went on with for a month are removed, with the access to the database in them', async () => {
  const directory = await temporaryFolder();
  const monthAgo = new Date(Date.now() - 31 * 24 * 60 * 60_000);
  for (const name of ['7-old', '7-new', 'not-ours']) {
    await mkdir(join(directory, name));
    await writeFile(join(directory, name, 'mcp.json'), '{}');
    if (name !== '7-new') await utimes(join(directory, name), monthAgo, monthAgo);
  }
  await removeOldConversations(directory);
  expect((await readdir(directory)).sort()).toEqual(['7-new', 'not-ours']);
  await expect(removeOldConversations(join(directory, 'missing'))).resolves.toBeUndefined();
});
