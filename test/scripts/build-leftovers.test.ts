import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

test('a build removes what killed ones left, and nothing of those that run', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'yokeflow-build-'));
  const kept = ['bin', `dist-${process.pid}`, `dist-${process.pid}-old`, 'dist-x'];
  for (const name of [...kept, 'dist-2147483646', 'dist-2147483646-old'])
    await mkdir(join(cache, name, 'client'), { recursive: true });
  const script = join(__dirname, '../../scripts/build-leftovers.mjs');
  const program = `import('${script}').then(({ removeLeftovers }) => removeLeftovers(process.argv[1]))`;
  await promisify(execFile)(process.execPath, ['-e', program, cache]);
  expect((await readdir(cache)).sort()).toEqual(kept.sort());
  await rm(cache, { recursive: true });
});
