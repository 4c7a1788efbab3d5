import { access, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClaudeCodeAgent } from '../../agents/claude-code/agent';
import { recordedRequest } from '../agents/cli/fake-cli';
import { marker, processesWith, until } from '../agents/cli/processes';
import { git, newRepository, removeTemporaryFolders, write } from '../support/git-repository';
import { planOf } from '../support/plans';
import { projectName, startSystem } from '../support/system';
import { installedCli, pathWithClis, titleWith } from './installed';
import { startModel, type Model } from './model';

const MODEL = 'claude-sonnet-5-5';
const API_KEY = 'sk-ant-test-0123456789abcdef';
const bash = (command: string) => ({
  text: 'I work.',
  tool: { name: 'Bash', input: { command, description: 'work' } },
});

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

const agent = () =>
  createClaudeCodeAgent({
    program: installedCli('claude')!,
    stateDirectory: join(folder, 'state'),
    apiKey: API_KEY,
    baseUrl: model!.url,
  });

async function workplace() {
  const { path } = await newRepository();
  return { directory: path, environment: { PATH: process.env.PATH!, HOME: folder } };
}

const describeReal = installedCli('claude') ? describe : describe.skip;

describeReal(titleWith('claude', 'the real Claude Code CLI'), () => {
  test('edits a file, and its cost is on record', async () => {
    model = await startModel(bash('echo hi > greeting.txt'), { text: 'Written.' });
    const place = await workplace();
    const { request, entries, costNano } = recordedRequest(place, { model: MODEL });
    expect(await agent().run(request)).toEqual({ kind: 'done', output: 'Written.' });
    expect(await readFile(join(place.directory, 'greeting.txt'), 'utf8')).toBe('hi\n');
    const { event } = entries.at(-1)!.payload as { event: { total_cost_usd: number } };
    // Two answers of 1000 and 50 tokens, at $2 and $10 a million; the CLI's own table may say more.
    expect(event.total_cost_usd).toBeGreaterThan(0);
    expect(costNano()).toBe(Math.max(5_000_000, Math.round(event.total_cost_usd * 1e9)));
    expect(entries.filter(({ kind }) => kind === 'response')).toHaveLength(2);
    expect(entries.filter(({ kind }) => kind === 'result')).toHaveLength(1);
  });

  test('killed in a tool call: nothing of it goes on, and the conversation does after that', async () => {
    const mark = marker();
    // Newer versions run no plain `sleep`.
    model = await startModel(bash(`sh -c 'sleep ${mark}; echo late > late.txt'`), { text: 'Looked.' });
    const place = await workplace();
    const controller = new AbortController();
    const first = recordedRequest(place, { model: MODEL, signal: controller.signal });
    const outcome = agent().run(first.request);
    await until(async () => (await processesWith(mark)).length > 0, 30_000);
    controller.abort();
    expect(await outcome).toMatchObject({ kind: 'failed' });
    expect(await processesWith(mark)).toEqual([]);

    const second = recordedRequest(place, { model: MODEL }, first.entries);
    expect(await agent().run(second.request)).toEqual({ kind: 'done', output: 'Looked.' });
    const asked = model.requests.at(-1)!;
    expect(asked).toContain('TASK');
    expect(asked).toContain('look before you repeat it');
    expect(second.entries.filter(({ kind }) => kind === 'session')).toHaveLength(1);
    await expect(access(join(place.directory, 'late.txt'))).rejects.toThrow('ENOENT');
  });

  test('hooks that the repository brings along do not run', async () => {
    model = await startModel({ text: 'Nothing to do.' });
    const place = await workplace();
    const hook = { hooks: [{ type: 'command', command: `touch ${folder}/planted` }] };
    const settings = { hooks: { SessionStart: [hook], UserPromptSubmit: [hook], Stop: [hook] } };
    await write(place.directory, { '.claude/settings.json': JSON.stringify(settings) });
    const { request } = recordedRequest(place, { model: MODEL });
    expect(await agent().run(request)).toMatchObject({ kind: 'done' });
    await expect(access(join(folder, 'planted'))).rejects.toThrow('ENOENT');
  });

  test.each([
    ['EnterWorktree', { name: 'mine' }],
    ['Agent', { description: 'x', prompt: 'x', subagent_type: 'general-purpose', isolation: 'worktree' }],
  ])(
    'it has no worktrees of its own: work in them would be no work in this one (%s)',
    async (name, input) => {
      const elsewhere = { text: 'I go.', tool: { name, input } };
      model = await startModel(elsewhere, { text: 'There is none.' });
      const place = await workplace();
      const { request, entries } = recordedRequest(place, { model: MODEL });
      expect(await agent().run(request)).toMatchObject({ kind: 'done' });
      const [result] = entries.filter(({ kind }) => kind === 'result');
      expect(result!.payload).toMatchObject({ is_error: true });
      await expect(access(join(place.directory, '.claude'))).rejects.toThrow('ENOENT');
    },
  );

  test('an epic lands, with its cost', async () => {
    model = await startModel(bash('echo hi > greeting.txt'), { text: 'Written.' });
    const environment = {
      PATH: pathWithClis(),
      HOME: folder,
      YOKEFLOW_HOME: join(folder, 'home'),
      ANTHROPIC_API_KEY: API_KEY,
      ANTHROPIC_BASE_URL: model.url,
    };
    const system = await startSystem({ environment, secrets: [API_KEY] });
    try {
      const { path } = await newRepository();
      const project = projectName();
      const action = 'Write a greeting into greeting.txt';
      await system.import(planOf(project, [{ id: 1, epic: 1, action, agent: 'claude-code' }]), path);
      const ended = await system.run({ project, parallel: true, model: MODEL });
      expect(ended).toMatchObject({ outcome: 'complete', result: { status: 'complete' } });
      expect(await git(path, 'show', 'main:greeting.txt')).toBe('hi');
      expect(ended.result!.costUsd).toBeGreaterThan(0);
    } finally {
      await system.close();
    }
  });
});
