import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand } from '../../../agents/process/command-runner';
import { runScript } from '../../../agents/process/shell';
import { marker, processesWith } from '../cli/processes';

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'yokeflow-sandbox-test-')));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function program(text: string): Promise<string> {
  const file = path.join(folder, 'sand box');
  await writeFile(file, text);
  await chmod(file, 0o755);
  return file;
}

const request = (sandbox: string) => ({
  directory: folder,
  environment: { PATH: process.env.PATH!, HOME: folder, YOKEFLOW_SANDBOX: sandbox },
  timeoutMs: 20_000,
  signal: new AbortController().signal,
  onProcess: async () => undefined,
});

test('a command is started by it, with arguments, input, output and exit code as without', async () => {
  const sandbox = await program('#!/bin/sh\necho "$#" > started\nIN=side exec "$@"\n');
  const result = await runCommand({
    ...request(sandbox),
    command: 'sh',
    arguments: ['-c', 'echo "$IN:$1:$2:$(cat)"; exit 7', 'sh', 'two words', '*'],
    input: 'read',
  });
  expect(result).toEqual({ exitCode: 7, endedBy: 'exit', output: 'side:two words:*:read\n' });
  expect(await readFile(path.join(folder, 'started'), 'utf8')).toBe('6\n');
});

test('one that stays beside the command ends with it when the time is up', async () => {
  const sandbox = await program('#!/bin/sh\n"$@" &\nwait\n');
  const mark = marker();
  const script = `setsid sleep ${mark} & sleep ${mark}`;
  const result = await runScript({ ...request(sandbox), script, timeoutMs: 1_000, graceMs: 0 });
  expect(result).toMatchObject({ endedBy: 'timeout' });
  expect(await processesWith(mark)).toEqual([]);
});

test('what cannot be started is told, and the command does not run without it', async () => {
  const mark = path.join(folder, 'mark');
  const command = { command: 'touch', arguments: [mark] };
  const plain = path.join(folder, 'plain');
  await writeFile(plain, '#!/bin/sh\nexec "$@"\n');
  for (const wrong of [plain, folder, path.join(folder, 'none'), 'env']) {
    await expect(runCommand({ ...request(wrong), ...command })).rejects.toMatchObject({
      type: 'AgentUnavailable',
      message: expect.stringContaining(
        `YOKEFLOW_SANDBOX is ${wrong}, which is not the absolute path of a program`,
      ),
    });
  }
  await expect(readFile(mark)).rejects.toThrow('ENOENT');
  await runCommand({ ...request(''), ...command });
  expect(await readFile(mark, 'utf8')).toBe('');
});
