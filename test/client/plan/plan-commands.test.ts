import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '../../../db/connection/connection';
import { getProject } from '../../../db/project/projects';
import { testDatabase, type TestDatabase } from '../../support/services';
import { cli, endpointsOf, type Captured } from '../captured-cli';

const PLAN = `
project: shop
verify: npm test
epics:
  - id: 1
    name: Backend
    tasks:
      - { id: 1, description: Schema, action: Create it }
      - { id: 2, description: Server, depends_on: [1] }
  - id: 2
    name: Frontend
    tasks:
      - { id: 3, description: Pages, depends_on: [{ task: 1, type: soft }] }
`;

let database: TestDatabase;
let folder: string;
const run = (...argv: string[]) => cli(argv, endpointsOf(database.url), folder);

beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'yokeflow-plan-'));
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', 'shop'], { cwd: folder });
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b'];
  execFileSync('git', [...identity, 'commit', '--quiet', '--allow-empty', '-m', 'first'], {
    cwd: path.join(folder, 'shop'),
  });
  await writeFile(path.join(folder, 'plan.yaml'), PLAN);
  await writeFile(path.join(folder, 'smaller.yaml'), PLAN.replace(/ {6}- \{ id: 2.*\n/, ''));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await database.drop();
});

it('says what to do while there is no project', async () => {
  const { code, stderr } = await run('status');
  expect(code).toBe(2);
  expect(stderr).toBe('yokeflow: there is no project yet: yokeflow plan import plan.yaml --repo .');
});

describe('with an imported plan', () => {
  let imported: Captured;
  beforeAll(async () => {
    imported = await run('plan', 'import', 'plan.yaml', '--repo', 'shop');
  });

  it('says what was created, the batches and the next command', () => {
    expect(imported.code).toBe(0);
    expect(imported.stdout.split('\n')).toEqual([
      'shop: 2 epics, tasks: 3 created, 0 updated, 0 unchanged',
      '',
      'Batch 1: T1, T3',
      'Batch 2: T2',
      '',
      '[1, 3] [2]',
      '',
      'Next: yokeflow run --project shop --parallel',
    ]);
  });

  it('imports the same file again without a change', async () => {
    const { stdout } = await run('plan', 'import', 'plan.yaml', '--repo', 'shop');
    expect(stdout.split('\n')[0]).toBe('shop: 2 epics, tasks: 0 created, 0 updated, 3 unchanged');
  });

  it('again without --repo where the project is known, and --base stays as it was given', async () => {
    const { code, stdout } = await run('plan', 'import', 'plan.yaml');
    expect({ code, line: stdout.split('\n')[0] }).toEqual({
      ...{ code: 0, line: 'shop: 2 epics, tasks: 0 created, 0 updated, 3 unchanged' },
    });
    await writeFile(path.join(folder, 'other.yaml'), PLAN.replace('shop', 'other'));
    expect(await run('plan', 'import', 'other.yaml')).toMatchObject({
      ...{ code: 2, stdout: '' },
      stderr: 'yokeflow: there is no project other yet: give the path of its git repository by --repo',
    });
    const base = async () => {
      const db = openDatabase(database.url);
      const { baseBranch } = await getProject(db, 'shop');
      await db.close();
      return baseBranch;
    };
    execFileSync('git', ['branch', 'night'], { cwd: path.join(folder, 'shop') });
    await run('plan', 'import', 'plan.yaml', '--base', 'night');
    expect(await base()).toBe('night');
    await run('plan', 'import', 'plan.yaml');
    await run('plan', 'import', 'plan.yaml', '--repo', 'shop');
    expect(await base()).toBe('night');
    await run('plan', 'import', 'plan.yaml', '--base', 'main');
    expect(await base()).toBe('main');
  });

  it.each([
    ['yokeflow-sequential', 'yokeflow-sequential'],
    ['epic-2-frontend', 'epic-2-frontend'],
    ['epic-2-frontend/x', 'epic-2-frontend'],
  ])(
    'refuses %s as what sessions land on: a session deletes, or cannot make, its own branch',
    async (base, own) => {
      const git = (...argv: string[]) => execFileSync('git', argv, { cwd: path.join(folder, 'shop') });
      git('branch', base);
      const { code, stderr } = await run('plan', 'import', 'plan.yaml', '--base', base);
      git('branch', '-D', base);
      expect(code).toBe(2);
      expect(stderr).toBe(
        `yokeflow: sessions cannot land on ${base}, since they make a branch ${own} of their own: rename it, or name another one by --base`,
      );
    },
  );

  it('says what an import would change, and changes nothing', async () => {
    const dry = ['plan', 'import', 'smaller.yaml', '--dry-run'];
    const { stdout } = await run(...dry);
    expect(stdout.split('\n')).toEqual([
      'Nothing is stored. It would be',
      'shop: 2 epics, tasks: 0 created, 0 updated, 2 unchanged, removed T2',
      '',
      'Batch 1: T1, T3',
      '',
      '[1, 3]',
    ]);
    expect(JSON.parse((await run(...dry, '--json')).stdout)).toMatchObject({ dryRun: true, removed: [2] });
    expect((await run('plan', 'show')).stdout).toContain('T2');
  });

  it('names the tasks that a smaller file removes', async () => {
    const { stdout } = await run('plan', 'import', 'smaller.yaml', '--repo', 'shop');
    expect(stdout.split('\n')[0]).toBe('shop: 2 epics, tasks: 0 created, 0 updated, 2 unchanged, removed T2');
    await run('plan', 'import', 'plan.yaml', '--repo', 'shop');
  });

  it('shows the batches', async () => {
    expect((await run('plan', 'batches')).stdout).toBe('Batch 1: T1, T3\nBatch 2: T2\n\n[1, 3] [2]');
    expect(JSON.parse((await run('plan', 'batches', '--json')).stdout)).toEqual([
      { number: 1, tasks: [1, 3] },
      { number: 2, tasks: [2] },
    ]);
    expect((await run('plan', 'batches', '--epic', '1')).stdout).toBe('Batch 1: T1\nBatch 2: T2\n\n[1] [2]');
    expect((await run('plan', 'batches', '--batch', '2', '--format', 'json')).stdout).toBe(
      '[{"number":2,"tasks":[2]}]',
    );
  });

  it('shows the plan, and parts of it', async () => {
    const { stdout } = await run('plan', 'show', '--project', 'shop', '--batch', '2');
    expect(stdout.split('\n').slice(1)).toEqual([
      'verify: npm test',
      '',
      'Epic 1: Backend',
      '  T2 Server  (pending, priority 100, after T1)',
    ]);
  });

  it('as JSON or Mermaid as well, whichever of them is asked', async () => {
    const json = (await run('plan', 'show', '--format', 'json')).stdout;
    expect(json).toBe((await run('plan', 'show', '--json')).stdout);
    expect(JSON.parse(json)).toMatchObject({ epics: [{ number: 1 }, { number: 2 }] });
    const graph = (await run('plan', 'graph', '--format', 'mermaid')).stdout;
    expect(graph).toContain('T1 --> T2');
    for (const what of ['show', 'batches'])
      expect((await run('plan', what, '--format', 'mermaid')).stdout).toBe(graph);
  });

  it('draws the graph in each format', async () => {
    const ascii = (await run('plan', 'graph', '--epic', '2')).stdout;
    expect(ascii).toBe('Batch 1\n  Epic 2: Frontend\n    [ ] T3  Pages  (soft T1)');
    expect((await run('plan', 'graph', '--format', 'mermaid')).stdout).toMatch(/^flowchart .*T1 --> T2/s);
    expect(JSON.parse((await run('plan', 'graph', '--json')).stdout)).toMatchObject({
      batches: [[1, 3], [2]],
      criticalPath: [1, 2],
    });
  });

  it.each([
    ['--epic: the plan has no epic 9; it has 1, 2', ['plan', 'show', '--epic', '9']],
    ['--batch: the plan has no batch 3; it has 1 to 2', ['plan', 'graph', '--batch', '3']],
    ['there is no project "nope": import a plan for it, or use one of shop', ['status', '--project', 'nope']],
    ['shop has no session yet: yokeflow run --project shop --parallel', ['events']],
    ['epic 7 is not in the plan', ['task', 'add', '--epic', '7', '--description', 'd', '--action', 'a']],
  ])('%s', async (message, argv) => {
    const { code, stderr } = await run(...argv);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('\n');
  });

  it('says how to start while there is no session, without a worker or Temporal', async () => {
    const { code, stdout } = await run('status');
    expect(code).toBe(0);
    expect(stdout).toContain('No session yet. Start one: yokeflow run --project shop --parallel');
  });

  it('adds a task, and nothing for a dependency that does not exist', async () => {
    const add = [
      'task',
      'add',
      '--epic',
      '2',
      '--description',
      'Logout',
      '--action',
      'Do it',
      '--depends-on',
    ];
    const refused = await run(...add, '99');
    expect({ code: refused.code, lines: refused.stderr.split('\n').length }).toEqual({ code: 2, lines: 1 });
    expect((await run(...add, '2,T3')).stdout).toBe('T4 added to epic 2 of shop');
    expect((await run('plan', 'batches')).stdout).toContain('[1, 3] [2] [4]');
  });

  it('needs the project named once there are two', async () => {
    await writeFile(path.join(folder, 'other.yaml'), 'project: other\nepics: []\n');
    const { stdout } = await run('plan', 'import', 'other.yaml', '--repo', 'shop');
    expect(stdout).toContain('warning: project "shop" is in this repository too: only the one');
    const { code, stderr } = await run('plan', 'batches');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'yokeflow: --project is needed: there are other, shop',
    });
  });

  it('says which branch sessions land on where another one is checked out', async () => {
    execFileSync('git', ['clone', '--quiet', 'shop', 'shelf'], { cwd: folder });
    execFileSync('git', ['checkout', '--quiet', '-b', 'feature/y'], { cwd: path.join(folder, 'shelf') });
    await writeFile(path.join(folder, 'shelf.yaml'), PLAN.replace('shop', 'shelf'));
    const first = await run('plan', 'import', 'shelf.yaml', '--repo', 'shelf');
    expect(`${first.stdout}${first.stderr}`).toContain(
      'warning: sessions land on main; to have them land on feature/y, which is checked out there, import again with --base feature/y',
    );
    const again = await run('plan', 'import', 'shelf.yaml', '--repo', 'shelf', '--base', 'feature/y');
    expect(`${again.stdout}${again.stderr}`).not.toContain('sessions land on');
    expect(`${imported.stdout}${imported.stderr}`).not.toContain('sessions land on');
  });
});
