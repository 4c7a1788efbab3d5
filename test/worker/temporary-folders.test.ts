import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryName } from '../../domain/temporary-name';
import { waitUntil } from '../../services/wait';
import { keepTemporaryFolders, removeLeftFolders } from '../../worker/temporary-folders';
import { removeTemporaryFolders, temporaryFolder, write } from '../support/git-repository';

afterAll(removeTemporaryFolders);

/** The id of a process that has ended. */
async function endedPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid!;
}

test('what a process left that is gone goes after an hour, and nothing else', async () => {
  const directory = await temporaryFolder();
  const gone = await endedPid();
  const make = async (what: string, pid: number, minutes: number) => {
    const folder = await mkdtemp(join(directory, temporaryName(what, pid)));
    await write(folder, { 'objects/pack': 'x' });
    const at = new Date(Date.now() - minutes * 60_000);
    await utimes(folder, at, at);
    return folder;
  };
  await make('push', gone, 61);
  await make('gh', gone, 120);
  const kept = [await make('script', gone, 50), await make('index', process.pid, 500)];
  for (const other of [`yokeflow-demo-${gone}`, `yokeflow-push-${gone}`, `mine-push-${gone}-abcdef`]) {
    await mkdir(join(directory, other));
    await utimes(join(directory, other), new Date(0), new Date(0));
    kept.push(join(directory, other));
  }
  await removeLeftFolders(directory);
  const left = (await readdir(directory)).map((name) => join(directory, name));
  expect(left.sort()).toEqual(kept.sort());
});

test('the folder of a shell that has ended, or that was cleared away, is put back', async () => {
  const own = join(await temporaryFolder(), 'nix-shell.1');
  const there = () =>
    access(own).then(
      () => true,
      () => false,
    );
  const stop = keepTemporaryFolders(own, 20);
  expect(await waitUntil(there, 5_000)).toBe(true);
  await rm(own, { recursive: true });
  expect(await waitUntil(there, 5_000)).toBe(true);
  stop();
});
