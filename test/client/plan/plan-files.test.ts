import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadPlan } from '../../../db/plan/plan-load';
import { getProject } from '../../../db/project/projects';
import { parsePlan } from '../../../domain/plan/plan-parse';
import type { Fault, FaultPlan } from '../../support/anthropic-faults';
import { startAnthropic, type AnthropicMock } from '../../support/anthropic-mock';
import { lastResults, taskOf, turnOf } from '../../support/anthropic-request';
import { newRepository, removeTemporaryFolders, write } from '../../support/git-repository';
import { openFixture, type Fixture } from '../../db/database';
import { cli, endpointsOf } from '../captured-cli';

const MAIN = path.join(__dirname, '../../../dist/client/main.js');

const PLAN = `project: shop
verify: npm test
epics:
  - id: 1
    name: Backend
    tasks:
      - { id: 1, description: Schema, action: "Write db/schema.sql" }
      - { id: 2, description: Server, action: "Extend src/app.ts and db/schema.sql", depends_on: [1], model: opus }
  - id: 2
    name: Frontend
    tasks:
      - { id: 3, description: Pages, action: "Register the routes in ./src/app.ts", depends_on: [{ task: 1, type: soft }] }
      - { id: 4, description: Copy, agent: script, action: "cp a b" }
`;

let fixture: Fixture;
let folder: string;
let api: AnthropicMock | undefined;
const run = (...argv: string[]) => cli(['plan', ...argv], endpointsOf(fixture.url), folder);

beforeAll(async () => {
  fixture = await openFixture();
  folder = (await newRepository()).path;
  await write(folder, { 'plan.yaml': PLAN });
  await run('import', 'plan.yaml', '--repo', '.');
});
afterEach(async () => {
  await api?.close();
  api = undefined;
});
afterAll(async () => {
  await fixture.close();
  await removeTemporaryFolders();
});

test('validate says what a plan holds, or every mistake with its line; nothing is stored', async () => {
  const fine = await run('validate', 'plan.yaml');
  expect(fine).toMatchObject({ code: 0, servicesAsked: 0 });
  expect(fine.stdout).toBe('plan.yaml is a valid plan of shop: 4 tasks in 2 epics\nBatches: [1, 3, 4] [2]');
  await write(folder, {
    'broken.yaml': PLAN.replace('depends_on: [1]', 'depends_on: [9]').replace('id: 4', 'id: 3'),
  });
  const broken = await run('validate', 'broken.yaml');
  expect({ code: broken.code, lines: broken.stderr.split('\n') }).toEqual({
    code: 2,
    lines: [
      expect.stringMatching(/^broken\.yaml:8: .*depends_on: task 2 depends on task 9, which does not exist/),
      expect.stringMatching(/^broken\.yaml:13: .*id: task 3 is there twice/),
    ],
  });
});

test('export gives the plan back as it was imported, and overwrites nothing', async () => {
  const { stdout } = await run('export', '--project', 'shop');
  expect(parsePlan(stdout, 'a')).toEqual(parsePlan(PLAN, 'a'));
  expect((await run('export', '--project', 'shop', '--output', '-')).stdout).toBe(stdout);
  const { stdout: json } = await run('export', '--project', 'shop', '--json');
  expect(parsePlan(JSON.stringify(JSON.parse(json)), 'a')).toEqual(parsePlan(PLAN, 'a'));
  const refused = await run('export', '--project', 'shop', '--output', 'plan.yaml');
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('plan.yaml is there already') });
  expect(await readFile(path.join(folder, 'plan.yaml'), 'utf8')).toBe(PLAN);
  const nowhere = await run('export', '--project', 'shop', '--output', 'none/plan.yaml');
  expect(nowhere.stderr).toMatch(
    /--output: none\/plan\.yaml cannot be written \(ENOENT.*\): give another file$/,
  );
});

test('a repository whose path is a variable that was not set is not the folder that one is in', async () => {
  const { code, stderr } = await run('import', 'plan.yaml', '--repo', '');
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'yokeflow: --repo must be a path, got an empty one; this folder is .',
  });
});

test('preview: batches, longest chain, what it takes with each model, and which epics may conflict', async () => {
  const ofFile = await run('preview', 'plan.yaml', '--max-concurrency', '2');
  expect(ofFile).toMatchObject({ code: 0, servicesAsked: 0 });
  expect(ofFile.stdout.split('\n')).toEqual([
    'Batch 1: T1, T3, T4',
    'Batch 2: T2',
    '',
    'Longest chain: T1 T2',
    '',
    'Expected with 2 agents at a time',
    expect.stringMatching(/^ {2}haiku +12 m 00 s +0\.0\d+ USD +\(assumed: too few tries so far\)$/),
    expect.stringMatching(/^ {2}sonnet +12 m 00 s +\d\.\d\d USD/),
    expect.stringMatching(/^ {2}opus +12 m 00 s +\d\.\d\d USD/),
    '',
    'Likely to conflict, as their tasks name the same files',
    '  epic 1 and epic 2: src/app.ts',
  ]);
  expect((await run('preview', '--project', 'shop', '--max-concurrency', '2')).stdout).toBe(ofFile.stdout);
  const one = JSON.parse((await run('preview', 'plan.yaml', '--max-concurrency', '1', '--json')).stdout) as {
    forecasts: { minutes: number }[];
  };
  expect(one.forecasts[0]!.minutes).toBeCloseTo(18.2);
  const alone = (await run('preview', 'plan.yaml', '--max-concurrency', '1')).stdout;
  expect(alone).toContain('Expected with 1 agent at a time\n');
});

test('preview of a plan without tasks: nothing is expected of it', async () => {
  await write(folder, { 'empty.json': JSON.stringify({ project: 'empty', epics: [] }) });
  expect(await run('preview', 'empty.json')).toMatchObject({ code: 0, stdout: 'The plan has no tasks.' });
});

test('preview of a file starts no services: where none run, it says what it could not look up', async () => {
  const nowhere = [undefined, endpointsOf('postgresql://nobody@127.0.0.1:1/none')];
  for (const endpoints of nowhere) {
    const { code, servicesAsked, stdout } = await cli(['plan', 'preview', 'plan.yaml'], endpoints, folder);
    expect({ code, servicesAsked }).toEqual({ code: 0, servicesAsked: 0 });
    expect(stdout).toMatch(/ {2}opus .*\(assumed: the tries so far are in PostgreSQL, which does not run\)/);
  }
});

test('preview of a plan that has run is about what is left of it', async () => {
  const tasks = [1, 2, 3].map((id) => ({
    ...{ id, description: `Step ${id}`, action: 'true', agent: 'script', depends_on: id > 1 ? [id - 1] : [] },
  }));
  const epics = [{ id: 1, name: 'All', tasks }];
  await write(folder, { 'begun.json': JSON.stringify({ project: 'begun', epics }) });
  await run('import', 'begun.json', '--repo', '.');
  const skip = (numbers: number[]) =>
    fixture.db.query(
      `update yokeflow.tasks t set status = 'skipped' from yokeflow.projects p
       where p.id = t.project_id and p.name = 'begun' and t.number = any($1)`,
      [numbers],
    );
  await skip([1]);
  const { stdout } = await run('preview', '--project', 'begun');
  expect(stdout).toContain(
    'Expected of the 2 tasks that are left, with 3 agents at a time\n  24.0 s, no cost',
  );
  await skip([2, 3]);
  expect((await run('preview', '--project', 'begun')).stdout).toMatch(
    /Longest chain: T1 T2 T3\n\nNothing is left/,
  );
});

test('preview of a plan of scripts: no model, and no cost', async () => {
  const tasks = [1, 2].map((id) => ({ id, description: `Step ${id}`, action: 'true', agent: 'script' }));
  const scripts = { project: 'scripts', epics: [{ id: 1, name: 'All', tasks }] };
  await write(folder, { 'scripts.json': JSON.stringify(scripts) });
  const { stdout } = await run('preview', 'scripts.json');
  expect(stdout).toContain(
    'Expected with 3 agents at a time\n  24.0 s, no cost: all tasks are scripts (assumed: 12 s each)\n',
  );
  expect(stdout).not.toContain('sonnet');
});

const task = (id: number, dependsOn: number[]) => ({
  ...{ id, description: `Step ${id}`, action: `Do ${id}`, depends_on: dependsOn },
});
const planWith = (needs: number) => ({
  epics: [{ id: 1, name: 'All', tasks: [task(1, []), task(2, [needs])] }],
});

test('generate: Claude writes a plan, corrects what is wrong with it, and a person decides', async () => {
  const seen: string[] = [];
  api = await startAnthropic({
    script(request) {
      seen.push(lastResults(request)[0]?.text ?? '');
      const answers = [planWith(9), planWith(1)];
      return { text: 'Here.', tools: [{ name: 'submit_plan', input: answers[turnOf(request)]! }] };
    },
  });
  await write(folder, { 'SPEC.md': 'A shop that sells hats.' });
  const env = { ANTHROPIC_API_KEY: api.apiKey, ANTHROPIC_BASE_URL: api.baseUrl };
  const generate = (output: string, yes: boolean, project: string) =>
    cli(
      ['plan', 'generate', 'SPEC.md', '--repo', '.', '--project', project, '--output', output],
      endpointsOf(fixture.url),
      folder,
      env,
      async () => yes,
    );
  const refused = await generate('hats.yaml', false, 'hats');
  expect(refused).toMatchObject({ code: 0, servicesAsked: 0 });
  expect(refused.stderr).toContain(
    'the plan has 1 mistakes (epics[0].tasks[1].depends_on: task 2 depends on task 9',
  );
  expect(refused.stderr).toMatch(/written to hats\.yaml, for 0\.\d+ USD/);
  expect(refused.stderr).toContain(
    'Nothing is stored. Edit the file if you like, then: yokeflow plan import hats.yaml',
  );
  expect(seen[1]).toContain('task 2 depends on task 9, which does not exist');
  expect(taskOf(api.journal[0]!.request)).toMatch(
    /A shop that sells hats\.[^]*The repository holds:\na\.txt/,
  );

  const stored = await generate('caps.yaml', true, 'caps');
  expect(stored.stdout).toContain('caps: 1 epic, tasks: 2 created');
  const { id } = await getProject(fixture.db, 'caps');
  const { epics } = await loadPlan(fixture.db, id);
  expect(epics[0]!.tasks.map(({ description, dependsOn }) => [description, dependsOn])).toEqual([
    ['Step 1', []],
    ['Step 2', [{ task: 1, type: 'hard' }]],
  ]);
  expect(api.broken).toEqual([]);

  await writeFile(path.join(folder, 'SPEC.md'), ' ');
  expect(await generate('x.yaml', true, 'x')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is empty'),
  });
});

test('generate stores the plan as the file has it once the question is answered: it may have been edited meanwhile', async () => {
  api = await startAnthropic({ script: () => ({ tools: [{ name: 'submit_plan', input: planWith(1) }] }) });
  await write(folder, { 'SPEC.md': 'A shop that sells hats.' });
  const env = { ANTHROPIC_API_KEY: api.apiKey, ANTHROPIC_BASE_URL: api.baseUrl };
  const generate = (project: string, from: string, to: string) =>
    cli(
      ['plan', 'generate', 'SPEC.md', '--repo', '.', '--project', project, '--output', `${project}.yaml`],
      endpointsOf(fixture.url),
      folder,
      env,
      async () => {
        const file = path.join(folder, `${project}.yaml`);
        await writeFile(file, (await readFile(file, 'utf8')).replace(from, to));
        return true;
      },
    );
  expect(await generate('edited', 'description: Step 2', 'description: Another step')).toMatchObject({
    code: 0,
  });
  const { id } = await getProject(fixture.db, 'edited');
  const [epic] = (await loadPlan(fixture.db, id)).epics;
  expect(epic!.tasks.map(({ description }) => description)).toEqual(['Step 1', 'Another step']);

  expect(await generate('mistaken', 'description: Step 2', 'about: Step 2')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/yokeflow: mistaken\.yaml:\d+: epics\[0\]\.tasks\[1\]/),
  });
  await expect(getProject(fixture.db, 'mistaken')).rejects.toThrow();
});

test('what Claude hands over is a plan of the project that was asked for', async () => {
  const input = { ...planWith(1), project: 'another' };
  api = await startAnthropic({ script: () => ({ tools: [{ name: 'submit_plan', input }] }) });
  await write(folder, { 'SPEC.md': 'Have it stored for the project "another".' });
  const env = { ANTHROPIC_API_KEY: api.apiKey, ANTHROPIC_BASE_URL: api.baseUrl };
  const argv = ['plan', 'generate', 'SPEC.md', '--repo', '.', '--project', 'mine', '--output', 'mine.yaml'];
  expect((await cli(argv, endpointsOf(fixture.url), folder, env)).stdout).toMatch(/^project: mine$/m);
});

test('a plan that was paid for is on file, also where whoever reads what is printed has left', async () => {
  api = await startAnthropic({ script: () => ({ tools: [{ name: 'submit_plan', input: planWith(1) }] }) });
  await write(folder, { 'SPEC.md': 'A shop that sells hats.' });
  const env = { PATH: process.env.PATH, ANTHROPIC_API_KEY: api.apiKey, ANTHROPIC_BASE_URL: api.baseUrl };
  const argv = [MAIN, 'plan', 'generate', 'SPEC.md', '--repo', '.', '--output', 'unread.yaml'];
  const child = spawn(process.execPath, argv, { cwd: folder, env });
  child.stdout.destroy();
  await once(child, 'exit');
  expect(await readFile(path.join(folder, 'unread.yaml'), 'utf8')).toContain('description: Step 1');
});

test('generate asks nothing of Claude where the plan has nowhere to go', async () => {
  api = await startAnthropic({ script: () => ({ tools: [{ name: 'submit_plan', input: planWith(1) }] }) });
  await write(folder, { 'SPEC.md': 'A shop that sells hats.' });
  const env = { ANTHROPIC_API_KEY: api.apiKey, ANTHROPIC_BASE_URL: api.baseUrl };
  for (const [output, why] of [
    ['plan.yaml', 'plan.yaml is there already: give another name, or remove it'],
    ['-', '- is no file: give one, the plan is printed as well'],
    ['nowhere/plan.yaml', 'nowhere/plan.yaml cannot be written: give a file in a folder that is there'],
  ] as const) {
    const argv = ['plan', 'generate', 'SPEC.md', '--repo', '.', '--output', output];
    expect(await cli(argv, undefined, folder, env)).toMatchObject({
      ...{ code: 2, stdout: '', stderr: `yokeflow: --output: ${why}` },
    });
  }
  expect(api.journal).toEqual([]);
});

const always =
  (fault: Fault): FaultPlan =>
  () =>
    fault;
const NOTHING_LEFT = 'Your credit balance is too low to access the API';
test.each<[string, FaultPlan, string]>([
  [
    'overload',
    always({ kind: 'status', status: 529, message: 'Overloaded' }),
    'the API is busy or limits the rate: 529 Overloaded; try again in a few minutes',
  ],
  [
    'overload in the middle of an answer',
    always({ kind: 'error-event', afterEvents: 2, type: 'overloaded_error' }),
    'the API is busy or limits the rate: 529 planned; try again in a few minutes',
  ],
  [
    'a key that is refused',
    always({ kind: 'status', status: 401, message: 'invalid x-api-key' }),
    'the API refuses: 401 invalid x-api-key; set ANTHROPIC_API_KEY to a valid key',
  ],
  [
    'no credit',
    always({ kind: 'status', status: 400, message: NOTHING_LEFT }),
    `the API refuses: 400 ${NOTHING_LEFT}; settle the billing of the account that the API key belongs to`,
  ],
  [
    'a bad request',
    always({ kind: 'status', status: 400, message: 'bad' }),
    'the API refuses: 400 bad; report this, with the specification',
  ],
  [
    'too much to read',
    always({ kind: 'status', status: 413, message: 'too large' }),
    'the conversation has become too long for the model: 413 too large; shorten the specification',
  ],
  [
    'a line that breaks',
    always({ kind: 'disconnect', afterEvents: 3 }),
    'the call to the API broke off: TypeError: terminated; check your network, and ANTHROPIC_BASE_URL if it is set',
  ],
])('generate says in one line what kept Claude from answering: %s', async (_, faults, said) => {
  api = await startAnthropic({
    script: () => ({ tools: [{ name: 'submit_plan', input: planWith(1) }] }),
    faults,
  });
  await write(folder, { 'SPEC.md': 'A shop that sells hats.' });
  const env = { ANTHROPIC_API_KEY: ` ${api.apiKey}\n`, ANTHROPIC_BASE_URL: api.baseUrl };
  const argv = ['plan', 'generate', 'SPEC.md', '--repo', '.', '--output', 'none.yaml'];
  const { code, stdout, stderr } = await cli(argv, undefined, folder, env);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.split('\n').slice(1)).toEqual([`yokeflow: Claude did not answer: ${said}`]);
});

test.each([
  [{}, 'no API key for plan generate: set ANTHROPIC_API_KEY=sk-ant-...'],
  [
    { ANTHROPIC_API_KEY: 'sk ant' },
    'ANTHROPIC_API_KEY holds blanks or other characters that no key has: set it anew',
  ],
])('generate needs a key that can be one: %j', async (env, said) => {
  const argv = ['plan', 'generate', 'SPEC.md', '--repo', '.', '--output', 'none.yaml'];
  expect(await cli(argv, undefined, folder, env)).toMatchObject({ code: 2, stderr: `yokeflow: ${said}` });
});

test('generate for a project that has run numbers on, and takes the place of no open task', async () => {
  api = await startAnthropic({ script: () => ({ tools: [{ name: 'submit_plan', input: planWith(1) }] }) });
  await write(folder, { 'SPEC.md': 'A shop that sells hats.' });
  const env = { ANTHROPIC_API_KEY: api.apiKey, ANTHROPIC_BASE_URL: api.baseUrl };
  const generate = (output: string) =>
    cli(
      ['plan', 'generate', 'SPEC.md', '--repo', '.', '--project', 'gloves', '--output', output, '--yes'],
      endpointsOf(fixture.url),
      folder,
      env,
    );
  const first = await generate('g1.yaml');
  expect(first.stdout).toContain('gloves: 1 epic, tasks: 2 created');
  const refused = await generate('g2.yaml');
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.stderr).toContain('gloves has 2 tasks that are not finished');

  const { id } = await getProject(fixture.db, 'gloves');
  await fixture.db.query(
    `update yokeflow.tasks set status = 'skipped', completed_at = now() where project_id = $1`,
    [id],
  );
  const second = await generate('g3.yaml');
  expect(second.stdout).toContain(
    'gloves: 1 epic, tasks: 2 created, 0 updated, 0 unchanged, kept finished T1, T2, which the file no longer has\nwarning: project',
  );
  const { epics } = await loadPlan(fixture.db, id);
  expect(epics.map(({ number, tasks }) => [number, tasks.map((one) => [one.number, one.dependsOn])])).toEqual(
    [
      [1, expect.anything()],
      [
        2,
        [
          [3, []],
          [4, [{ task: 3, type: 'hard' }]],
        ],
      ],
    ],
  );
  const written = parsePlan(await readFile(path.join(folder, 'g3.yaml'), 'utf8'), 'g3.yaml');
  expect(written.ok && written.plan.epics[0]!.tasks.map((one) => one.id)).toEqual([3, 4]);
});

test('generate gives up after four answers that are no plan, and stores nothing', async () => {
  api = await startAnthropic({ script: () => ({ text: 'I would rather talk about hats.' }) });
  await write(folder, { 'SPEC.md': 'A shop that sells hats.' });
  const argv = ['plan', 'generate', 'SPEC.md', '--repo', '.', '--output', 'no.yaml', '--yes'];
  const env = { ANTHROPIC_API_KEY: api.apiKey, ANTHROPIC_BASE_URL: api.baseUrl };
  const { code, stderr, servicesAsked } = await cli(argv, undefined, folder, env);
  expect({ code, servicesAsked }).toEqual({ code: 1, servicesAsked: 0 });
  expect(stderr).toMatch(
    /Claude wrote no valid plan in 4 answers \(it cost 0\.\d+ USD\): say more in the specification/,
  );
  expect(api.journal).toHaveLength(4);
});
