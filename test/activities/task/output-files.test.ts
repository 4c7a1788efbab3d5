import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { outputKeeper, removeOldOutputs } from '../../../activities/task/output-files';
import { createRedactor } from '../../../agents/contract/redact';
import { outputWithFile, withLongTextsInFiles } from '../../../agents/process/long-output';

let outputs: string;
beforeEach(async () => {
  outputs = await mkdtemp(join(tmpdir(), 'yokeflow-outputs-'));
});
afterEach(() => rm(outputs, { recursive: true, force: true }));

const KEY = 'sk-ant-planted-0123456789abcdef';
const keeper = (sessionId = 3) =>
  outputKeeper({ outputs, redact: createRedactor([KEY]) }, { sessionId, task: 7, number: 2 });

test('a long output is a file of its own, for its owner alone, without secrets', async () => {
  const whole = `${'line\n'.repeat(20_000)}key ${KEY}\n`;
  const text = await outputWithFile({ output: 'short\n', whole }, keeper());
  const path = /^short\n\[All of it \(100,036 characters\): (\S+)\. Look/.exec(text)![1]!;
  expect(dirname(path)).toBe(join(outputs, 'session-3', 'T7-2'));
  expect(await readFile(path, 'utf8')).toBe(`${'line\n'.repeat(20_000)}key [redacted]\n`);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
});

test('where it cannot be kept, what is short stays, and nothing fails', async () => {
  await writeFile(join(outputs, 'session-3'), 'no folder');
  expect(await outputWithFile({ output: 'short', whole: 'x'.repeat(99) }, keeper())).toBe('short');
  expect(await outputWithFile({ output: 'short' }, keeper(4))).toBe('short');
  const text = 'x'.repeat(60_000_000);
  const keep = keeper(4);
  expect(await keep(text)).not.toBeNull();
  expect(await keep(text)).toBeNull();
});

test('long texts anywhere in a record go to files, short ones stay as they are', async () => {
  const record = { type: 'command', exit: 0, deep: [{ output: 'y'.repeat(50_000) }, 'short', null] };
  const { deep, ...rest } = (await withLongTextsInFiles(record, keeper())) as typeof record;
  expect(rest).toEqual({ type: 'command', exit: 0 });
  expect((deep[0] as { output: string }).output).toMatch(
    /^y+\n\[\.\.\. 35000 characters left out[^]+\[All of it /,
  );
  expect((deep[0] as { output: string }).output.length).toBeLessThan(17_000);
  expect(deep.slice(1)).toEqual(['short', null]);
});

test('outputs of sessions of long ago go, others stay', async () => {
  await keeper(1)('old');
  await keeper(2)('new');
  await writeFile(join(outputs, 'mine.txt'), 'not ours');
  const long = new Date(Date.now() - 15 * 24 * 60 * 60_000);
  for (const name of ['session-1', 'mine.txt']) await utimes(join(outputs, name), long, long);
  await removeOldOutputs(outputs);
  expect((await readdir(outputs)).sort()).toEqual(['mine.txt', 'session-2']);
  await expect(removeOldOutputs(join(outputs, 'missing'))).resolves.toBeUndefined();
});
