import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Worker } from '@temporalio/worker';
import { testWorkflowBundle } from '../support/services';
import { replayPaths } from './paths';

const FOLDER = path.join(__dirname, 'histories');

async function stored(name: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path.join(FOLDER, `${name}.json`), 'utf8')) as Record<string, unknown>;
}

const replay = (history: unknown, id: string) =>
  Worker.runReplayHistory({ workflowBundle: { codePath: testWorkflowBundle() } }, history, id);

test('a history is stored for every path, and no other', async () => {
  const files = (await readdir(FOLDER)).map((file) => path.basename(file, '.json'));
  expect(files.sort()).toEqual(
    replayPaths()
      .map(({ name }) => name)
      .sort(),
  );
});

test.each(replayPaths().map(({ name, workflowId }) => [name, workflowId] as const))(
  '%s: sessions and epics that are under way go on with the code as it is',
  async (name, workflowId) => {
    const project = `replay-${name}`;
    for (const [part, history] of Object.entries(await stored(name))) {
      const session = `yokeflow-${project}`;
      const own =
        part === '' ? (workflowId?.(project) ?? session) : `${session}${part.replace('session', '')}`;
      await expect(replay(history, own)).resolves.toBeUndefined();
    }
  },
);

test('a history of other code does not replay', async () => {
  const { '': session } = await stored('regular');
  const other = JSON.parse(JSON.stringify(session).replaceAll('recordBatches', 'recordOther')) as unknown;
  await expect(replay(other, 'yokeflow-replay-regular')).rejects.toThrow(/recordBatches|[Nn]ondeterminism/);
});
