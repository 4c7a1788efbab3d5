import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Setting } from './environment';
import { ownConfig } from './own-config';

/**
 * Git LFS, by its own fixed commands and not by those that the repository names. Contents come from and go to the
 * repository's own store: an address that leads nowhere and no error for what is not there leave the pointer in place
 * where a download would be needed.
 */
const LFS_SETTINGS: Setting[] = [
  ['filter.lfs.process', 'git-lfs filter-process'],
  ['filter.lfs.clean', 'git-lfs clean -- %f'],
  ['filter.lfs.smudge', 'git-lfs smudge -- %f'],
  // Without it a filter that fails would put whole contents into a commit.
  ['filter.lfs.required', 'true'],
  ['lfs.url', 'http://127.0.0.1:0'],
  ['lfs.standaloneTransferAgent', ''],
  ['lfs.skipDownloadErrors', 'true'],
  ['lfs.transfer.maxRetries', '1'],
  ['http.proxy', ''],
];

/** Settings by which git-lfs would run a program that an agent may have planted. */
export const LFS_PROGRAMS: Record<string, string> = {
  clean: '',
  smudge: '',
  path: '',
  args: '',
  standalonetransferagent: '',
};

const ON = /^filter\.lfs\.(clean|process)$/;

/** The settings that keep LFS on, where the user has set it up, for this repository or for all; else none. */
export async function lfsSettings(names: string[]): Promise<Setting[]> {
  const { PATH = '' } = process.env;
  if (!(await isInstalled(PATH))) return [];
  return names.some((name) => ON.test(name)) || (await isOnForAll()) ? LFS_SETTINGS : [];
}

const installed = new Map<string, Promise<boolean>>();

function isInstalled(path: string): Promise<boolean> {
  const known = installed.get(path) ?? findProgram(path);
  installed.set(path, known);
  return known;
}

async function findProgram(path: string): Promise<boolean> {
  const found = await Promise.all(
    path.split(delimiter).map((folder) =>
      access(join(folder, 'git-lfs'), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

/** Whether the user's own configuration, which no agent's repository is part of, has `git lfs install` in it. */
const isOnForAll = async (): Promise<boolean> =>
  (await ownConfig('--get-regexp', '^filter\\.lfs\\.clean$')) !== '';
