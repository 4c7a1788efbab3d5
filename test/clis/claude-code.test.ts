import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClaudeCodeAgent } from '../../agents/claude-code/agent';
import { recordedRequest } from '../agents/cli/fake-cli';
import { marker, processesWith, until } from '../agents/cli/processes';
import { startAnthropic, type AnthropicMock, type Reply } from '../support/anthropic-mock';
import type { AnthropicRequest } from '../support/anthropic-request';
import { git, newRepository, removeTemporaryFolders } from '../support/git-repository';
import { planOf } from '../support/plans';
import { projectName, startSystem } from '../support/system';
import { describeWith, installedCli, pathWithClis } from './installed';

const MODEL = 'claude-sonnet-5-5';
const answers = ({ messages }: AnthropicRequest) =>
  messages.filter(({ role }) => role === 'assistant').length;
const bash = (command: string): Reply => ({
  tools: [{ name: 'Bash', input: { command, description: 'work' } }],
});

let mock: AnthropicMock;
let script: (request: AnthropicRequest) => Reply;
let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'yokeflow-real-cli-')));
  mock = await startAnthropic({ script: (request) => script(request) });
});
afterEach(async () => {
  await mock.close();
  await rm(folder, { recursive: true, force: true });
  await removeTemporaryFolders();
});

const agent = () =>
  createClaudeCodeAgent({
    program: installedCli('claude')!,
    stateDirectory: join(folder, 'state'),
    apiKey: mock.apiKey,
    baseUrl: mock.baseUrl,
  });

async function workplace() {
  const { path } = await newRepository();
  const environment = { PATH: process.env.PATH!, HOME: folder };
  return { directory: path, environment };
}

describeWith('claude', 'the real Claude Code CLI', () => {
  test('edits a file, and its cost is on record', async () => {
    script = (request) => (answers(request) === 0 ? bash('echo hi > greeting.txt') : { text: 'Written.' });
    const place = await workplace();
    const { request, entries, costNano } = recordedRequest(place, { model: MODEL });
    expect(await agent().run(request)).toEqual({ kind: 'done', output: 'Written.' });
    expect(await readFile(join(place.directory, 'greeting.txt'), 'utf8')).toBe('hi\n');
    const result = entries.at(-1)!.payload as { event: { total_cost_usd: number } };
    expect(costNano()).toBeGreaterThan(0);
    expect(costNano()).toBeGreaterThanOrEqual(Math.round(result.event.total_cost_usd * 1e9));
    expect(entries.filter(({ kind }) => kind === 'response')).toHaveLength(2);
  });

  test('killed in a tool call: nothing goes on, and the conversation does after that', async () => {
    const mark = marker();
    script = (request) =>
      answers(request) === 0 ? bash(`sleep ${mark}; echo late > late.txt`) : { text: 'Looked.' };
    const place = await workplace();
    const controller = new AbortController();
    const first = recordedRequest(place, { model: MODEL, signal: controller.signal });
    const outcome = agent().run(first.request);
    await until(async () => (await processesWith(mark)).length > 0, 30_000);
    controller.abort();
    expect(await outcome).toMatchObject({ kind: 'failed' });
    expect(await processesWith(mark)).toEqual([]);
    const asked = mock.journal.length;

    const second = recordedRequest(place, { model: MODEL }, first.entries);
    expect(await agent().run(second.request)).toMatchObject({ kind: 'done', output: expect.any(String) });
    expect(mock.journal.length).toBeGreaterThan(asked);
    expect(JSON.stringify(mock.journal.at(-1))).toContain('look before you');
    expect(second.entries.filter(({ kind }) => kind === 'session')).toHaveLength(1);
  });

  test('hooks that the repository brings along do not run', async () => {
    script = () => ({ text: 'Nothing to do.' });
    const place = await workplace();
    const hook = { hooks: [{ type: 'command', command: `touch ${folder}/planted` }] };
    const settings = { hooks: { SessionStart: [hook], UserPromptSubmit: [hook], Stop: [hook] } };
    const { mkdir, writeFile, access } = await import('node:fs/promises');
    await mkdir(join(place.directory, '.claude'));
    await writeFile(join(place.directory, '.claude/settings.json'), JSON.stringify(settings));
    await agent().run(recordedRequest(place, { model: MODEL }).request);
    await expect(access(join(folder, 'planted'))).rejects.toThrow('ENOENT');
  });

  test('an epic lands, with its cost', async () => {
    script = (request) => (answers(request) === 0 ? bash('echo hi > greeting.txt') : { text: 'Written.' });
    const environment = {
      PATH: pathWithClis(),
      HOME: folder,
      YOKEFLOW_HOME: join(folder, 'home'),
      ANTHROPIC_API_KEY: mock.apiKey,
      ANTHROPIC_BASE_URL: mock.baseUrl,
    };
    const system = await startSystem({ environment, secrets: [mock.apiKey] });
    try {
      const { path } = await newRepository();
      const project = projectName();
      const task = { description: 'Greet', action: 'Write greeting.txt', agent: 'claude-code', model: MODEL };
      await system.import(planOf({ project, epics: [{ name: 'Greeting', tasks: [task] }] }), path);
      const { outcome, result } = await system.run({ project, parallel: true });
      expect({ outcome, result }).toMatchObject({ outcome: 'complete', result: { status: 'complete' } });
      expect(await git(path, 'show', 'main:greeting.txt')).toBe('hi');
      expect(result!.costUsd).toBeGreaterThan(0);
    } finally {
      await system.close();
    }
  });
});
