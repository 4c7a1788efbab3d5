import { access, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCodexAgent } from '../../agents/codex/agent';
import type { CodexOptions } from '../../agents/codex/options';
import { recordedRequest } from '../agents/cli/fake-cli';
import { marker, processesWith, until } from '../agents/cli/processes';
import { newRepository, removeTemporaryFolders, write } from '../support/git-repository';
import { installedCli, titleWith } from './installed';
import { startModel, type Model } from './model';

let folder: string;
let model: Model | undefined;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'yokeflow-real-cli-')));
});
afterEach(async () => {
  await model?.close();
  await rm(folder, { recursive: true, force: true });
  await removeTemporaryFolders();
});

const API_KEY = 'sk-test-0123456789abcdef';

const agent = (changes: Partial<CodexOptions> = {}) =>
  createCodexAgent({
    program: installedCli('codex')!,
    stateDirectory: join(folder, 'state'),
    apiKey: API_KEY,
    baseUrl: `${model!.url}/v1`,
    price: (_model, { input, output }) => input * 1_000 + output * 10_000,
    ...changes,
  });

const shell = (cmd: string) => ({ text: 'I work.', tool: { name: 'exec_command', input: { cmd } } });

const describeReal = installedCli('codex') ? describe : describe.skip;

describeReal(titleWith('codex', 'the real Codex CLI'), () => {
  test('edits a file; what it used is priced', async () => {
    model = await startModel(shell('echo hi > greeting.txt'), { text: 'Written.' });
    const { path: directory } = await newRepository();
    const place = { directory, environment: { PATH: process.env.PATH!, HOME: folder } };
    const { request, entries, costNano } = recordedRequest(place, { model: 'gpt-next' });
    expect(await agent().run(request)).toEqual({ kind: 'done', output: 'Written.' });
    expect(await readFile(join(directory, 'greeting.txt'), 'utf8')).toBe('hi\n');
    expect(costNano()).toBe(2 * (1000 * 1_000 + 50 * 10_000));
    const kinds = entries.map(({ kind }) => kind).filter((kind) => kind !== 'note');
    expect(kinds).toEqual(['prompt', 'session', 'response', 'begin', 'result', 'response']);
  });

  test('MCP servers that the repository brings along do not run, though the user trusts it', async () => {
    model = await startModel({ text: 'Nothing to do.' });
    const { path: directory } = await newRepository();
    const trusted = `[projects.${JSON.stringify(await realpath(directory))}]\ntrust_level = "trusted"\n`;
    await write(folder, { '.codex/config.toml': trusted });
    const server = `[mcp_servers.planted]\ncommand = "touch"\nargs = ["${folder}/planted"]\n`;
    await write(directory, { '.codex/config.toml': server });
    const environment = { PATH: process.env.PATH!, HOME: folder, CODEX_API_KEY: API_KEY };
    const { request } = recordedRequest({ directory, environment }, { model: 'gpt-next' });
    expect(await agent({ apiKey: undefined }).run(request)).toMatchObject({ kind: 'done' });
    await expect(access(join(folder, 'planted'))).rejects.toThrow('ENOENT');
  });

  test('killed in a tool call: nothing of it goes on, and the thread does after that', async () => {
    const mark = marker();
    model = await startModel(shell(`sleep ${mark}`), { text: 'Looked.' });
    const { path: directory } = await newRepository();
    const place = { directory, environment: { PATH: process.env.PATH!, HOME: folder } };
    const controller = new AbortController();
    const first = recordedRequest(place, { model: 'gpt-next', signal: controller.signal });
    const outcome = agent().run(first.request);
    await until(async () => (await processesWith(mark)).length > 0, 30_000);
    controller.abort();
    expect(await outcome).toMatchObject({ kind: 'failed' });
    expect(await processesWith(mark)).toEqual([]);

    const second = recordedRequest(place, { model: 'gpt-next' }, first.entries);
    expect(await agent().run(second.request)).toEqual({ kind: 'done', output: 'Looked.' });
    expect(model.requests.at(-1)).toContain('look before you repeat it');
    expect(second.entries.filter(({ kind }) => kind === 'session')).toHaveLength(1);
  });
});
