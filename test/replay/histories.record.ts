import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { replayPaths } from './paths';
import { record } from './record';

/*
 * npm run record:histories                      all of them
 * npm run record:histories -- -t pages          those whose name matches
 */
const FOLDER = path.join(__dirname, 'histories');

test.each(replayPaths().map((each) => [each.name, each] as const))('%s', async (name, each) => {
  const { ended, histories } = await record(each);
  expect(ended).toBe(each.ends);
  await mkdir(FOLDER, { recursive: true });
  await writeFile(path.join(FOLDER, `${name}.json`), `${JSON.stringify(histories)}\n`);
});
