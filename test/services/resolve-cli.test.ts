import { chmod, mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { runCommand } from '../../services/command';
import { type CliSource, officialDownload } from '../../services/temporal/cli-sources';
import { whyUnusable } from '../../services/temporal/cli-version';
import { type CliSearch, resolveCli } from '../../services/temporal/resolve-cli';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'yokeflow-cli-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const script = (version: string) =>
  `#!/bin/sh\necho "temporal version ${version} (Server 1.32.0, UI 2.54.1)"\n`;

async function place(folder: string, version: string): Promise<string> {
  const file = path.join(root, folder, 'temporal');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, script(version));
  await chmod(file, 0o755);
  return file;
}

function search(more: Partial<CliSearch> = {}): CliSearch {
  const PATH = [path.join(root, 'path1'), path.join(root, 'path2')].join(path.delimiter);
  return { env: { PATH }, binDir: path.join(root, 'cache'), sources: [], ...more };
}

function source(name: string, outcome: string | Error): CliSource {
  return {
    announcement: name,
    async fetchInto(folder) {
      if (outcome instanceof Error) throw outcome;
      const file = path.join(folder, 'anything');
      await writeFile(file, script(outcome));
      return file;
    },
  };
}

test('nobody else may put another program in the place of a fetched one, whatever the umask', async () => {
  const umask = process.umask(0);
  try {
    const cli = await resolveCli(search({ sources: [source('fetched', '1.9.1')] }));
    for (const file of [cli, path.dirname(cli)]) expect((await stat(file)).mode & 0o022).toBe(0);
  } finally {
    process.umask(umask);
  }
});

test('the order: explicit, PATH, cache, sources', async () => {
  const fetched = path.join(root, 'cache/temporal');
  expect(await resolveCli(search({ sources: [source('first', '1.9.1')] }))).toBe(fetched);
  expect(await resolveCli(search())).toBe(fetched);
  const onPath = await place('path2', '1.6.0');
  expect(await resolveCli(search())).toBe(onPath);
  const explicit = await place('elsewhere', '1.5.1');
  const { env } = search();
  expect(await resolveCli(search({ env: { ...env, YOKEFLOW_TEMPORAL_PATH: explicit } }))).toBe(explicit);
});

test('what a fetch left that was cut off goes the day after, not that of one that may still run', async () => {
  const [old, young] = ['old', 'young'].map((name) => path.join(root, `cache/.fetching-${name}`));
  for (const folder of [old!, young!]) await mkdir(folder, { recursive: true });
  await writeFile(path.join(old!, 'archive'), 'half of it');
  const before = new Date(Date.now() - 25 * 60 * 60_000);
  await utimes(old!, before, before);
  await resolveCli(search({ sources: [source('first', '1.9.1')] }));
  expect((await readdir(path.join(root, 'cache'))).sort()).toEqual(['.fetching-young', 'temporal']);
});

test('what is too old, or is something else, is passed over', async () => {
  await place('path1', '1.4.9');
  await place('path2', 'unknown');
  const other = await place('other', '1.5.0');
  expect(await resolveCli(search({ alsoIn: [path.dirname(other)] }))).toBe(other);
});

test('an explicit path that cannot be used is an error, not passed over', async () => {
  const old = await place('old', '1.2.0');
  await place('path1', '1.9.1');
  const { PATH } = search().env;
  const looking = resolveCli(search({ env: { PATH, YOKEFLOW_TEMPORAL_PATH: old } }));
  await expect(looking).rejects.toThrow(/YOKEFLOW_TEMPORAL_PATH: .* is 1\.2\.0, older than 1\.5/);
});

test('sources are tried in order, each is announced, and the last error names all', async () => {
  const said: string[] = [];
  const sources = [
    source('one', new Error('no network')),
    source('two', '1.1.0'),
    source('three', new Error('no Go')),
  ];
  const looking = resolveCli(search({ sources, onProgress: (line) => said.push(line) }));
  await expect(looking).rejects.toThrow(
    /one: no network; two: what came is 1\.1\.0, older than 1\.5; three: no Go.*install the Temporal CLI/,
  );
  expect(said.filter((line) => !line.includes('failed'))).toEqual(['one', 'two', 'three']);
  expect(await readdir(path.join(root, 'cache'))).toEqual([]);
});

test('two that fetch at once both get a whole one', async () => {
  const both = [1, 2].map(() => resolveCli(search({ sources: [source('slow', '1.9.1')] })));
  const [one, other] = await Promise.all(both);
  expect(one).toBe(other);
  expect(await readdir(path.join(root, 'cache'))).toEqual(['temporal']);
});

test('the official download is unpacked', async () => {
  const made = await place('made', '1.9.1');
  const archive = path.join(root, 'made.tar.gz');
  await runCommand('tar', ['-czf', archive, '-C', path.dirname(made), 'temporal']);
  const { readFile } = await import('node:fs/promises');
  const bytes = await readFile(archive);
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(bytes);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/cli/archive`;
  const found = await resolveCli(search({ sources: [officialDownload(base)] }));
  expect(found).toBe(path.join(root, 'cache/temporal'));
  expect(asked).toEqual([expect.stringMatching(/^\/cli\/archive\/v1\.9\.1\?platform=\w+&arch=\w+$/)]);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test.each([
  ['temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)', null],
  ['temporal version 2.0.0', null],
  ['temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)', null],
  ['temporal version 0.0.0-DEV (Server 1.20.0, UI 2.0.0)', 'has server 1.20, older than 1.29'],
  ['temporal version 1.4.1 (Server 1.28.0, UI 2.39.0)', 'is 1.4.1, older than 1.5'],
  ['tctl 1.18', 'is not the Temporal CLI'],
])('%s', (output, problem) => {
  expect(whyUnusable(output)).toBe(problem);
});
