import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePlanFile, readPlan } from '../../../client/plan/plan-file';
import { removeTemporaryFolders, temporaryFolder } from '../../support/git-repository';

afterAll(removeTemporaryFolders);

const planNamed = (name: string) => `project: a\nepics:\n  - name: ${name}\n    tasks: []\n`;

async function fileOf(text: string, encoding: BufferEncoding): Promise<string> {
  const file = join(await temporaryFolder(), 'plan.yaml');
  await writeFile(file, text, encoding);
  return file;
}

test('a plan in Latin-1 is refused, with its line', async () => {
  const file = await fileOf(planNamed('café'), 'latin1');
  await expect(readPlan(file, 'plan.yaml')).rejects.toThrow(
    'plan.yaml:3: holds bytes that are not UTF-8; save the plan in UTF-8',
  );
});

test('a replacement character that the plan holds is one like any other', async () => {
  const file = await fileOf(planNamed('caf\ufffd'), 'utf8');
  expect(await parsePlanFile(file, 'plan.yaml')).toMatchObject({
    ok: true,
    plan: { epics: [{ name: 'caf\ufffd' }] },
  });
});

test('a folder is refused', async () => {
  const folder = join(await temporaryFolder(), 'plan.yaml');
  await mkdir(folder);
  await expect(readPlan(folder, 'plan.yaml')).rejects.toThrow(
    'plan.yaml: is a folder: give the path of a plan file',
  );
});
