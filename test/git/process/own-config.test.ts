import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownConfig } from '../../../git/process/own-config';
import { removeTemporaryFolders, temporaryFolder } from '../../support/git-repository';

const { PATH } = process.env;
afterEach(() => Object.assign(process.env, { PATH }));
afterAll(removeTemporaryFolders);

test('a git that was ended before it could say what the user has set is asked again', async () => {
  const folder = await temporaryFolder();
  process.env.PATH = `${folder}:${PATH}`;
  const answering = (script: string) =>
    writeFile(join(folder, 'git'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  await answering('kill -9 $$');
  await expect(ownConfig('--get', 'core.eol')).rejects.toThrow('git config --get core.eol was ended');
  await answering('echo lf');
  expect(await ownConfig('--get', 'core.eol')).toBe('lf\n');
  // From here on it is known.
  await answering('kill -9 $$');
  expect(await ownConfig('--get', 'core.eol')).toBe('lf\n');
  await answering('exit 1');
  expect(await ownConfig('--get', 'core.autocrlf')).toBe('');
});
