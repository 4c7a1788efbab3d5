import fc from 'fast-check';
import { MAX_ID } from '../../../domain/numbers';
import { DEFAULT_PRIORITY } from '../../../domain/plan/plan';
import type { Plan } from '../../../domain/plan/plan';
import { describePlanErrors } from '../../../domain/plan/plan-error';
import { parsePlan } from '../../../domain/plan/plan-parse';
import { cpuMs } from '../../support/cpu-time';

function planIn(text: string, fileName = 'plan.yaml'): Plan {
  const result = parsePlan(text, fileName);
  if (!result.ok) throw new Error(describePlanErrors(result.errors, fileName));
  return result.plan;
}

/** Each error as a person reads it. */
function errorsIn(text: string, fileName = 'plan.yaml'): string[] {
  const result = parsePlan(text, fileName);
  return result.ok ? [] : result.errors.map((error) => describePlanErrors([error], fileName));
}

const taskIds = (plan: Plan) => plan.epics.map(({ tasks }) => tasks.map(({ id }) => id));

/** A plan with these lines as its only task, the first of which is line 6. */
const withTask = (...lines: string[]) =>
  ['project: my-app', 'epics:', '  - name: Backend', '    tasks:', '      - description: First']
    .concat(lines.map((line) => `        ${line}`))
    .join('\n');

describe('a plan file', () => {
  it('may say everything', () => {
    const plan = planIn(`project: my-app
verify: npm test
setup: npm ci
epics:
  - id: 1
    name: Backend Infrastructure
    tasks:
      - id: 1
        description: Database schema
        action: |
          Create the tables.
          And the indexes.
        priority: 10
        depends_on: []
        dependency_type: hard
        agent: claude
        model: sonnet
        verify: npm run test:db
        budget_usd: 2.5
  - id: 2
    name: Frontend
    tasks:
      - id: 4
        description: Login form
        depends_on: [1, { task: 5, type: soft }]
      - id: 5
        description: Design
        depends_on: 1
        dependency_type: soft
`);
    expect(plan).toEqual({
      project: 'my-app',
      verify: 'npm test',
      setup: 'npm ci',
      epics: [
        {
          id: 1,
          name: 'Backend Infrastructure',
          tasks: [
            {
              id: 1,
              description: 'Database schema',
              action: 'Create the tables.\nAnd the indexes.\n',
              priority: 10,
              dependsOn: [],
              agent: 'claude',
              model: 'sonnet',
              verify: 'npm run test:db',
              budgetUsd: 2.5,
            },
          ],
        },
        {
          id: 2,
          name: 'Frontend',
          tasks: [
            {
              id: 4,
              description: 'Login form',
              action: '',
              priority: DEFAULT_PRIORITY,
              dependsOn: [
                { task: 1, type: 'hard' },
                { task: 5, type: 'soft' },
              ],
            },
            {
              id: 5,
              description: 'Design',
              action: '',
              priority: DEFAULT_PRIORITY,
              dependsOn: [{ task: 1, type: 'soft' }],
            },
          ],
        },
      ],
    });
  });

  it('numbers what has no id in order, through all epics, around the ids it does give', () => {
    const plan = planIn(`project: a
epics:
  - name: One
    tasks: [{ description: A }, { description: B, id: 1 }, { description: C }]
  - { name: Two, id: 1, tasks: [{ description: D, id: 3 }, { description: E }] }
`);
    expect(plan.epics.map(({ id }) => id)).toEqual([2, 1]);
    expect(taskIds(plan)).toEqual([
      [2, 1, 4],
      [3, 5],
    ]);
  });

  it('may be JSON, with tabs, CRLF and a byte order mark', () => {
    const json = JSON.stringify(
      { project: 'a', epics: [{ name: 'E', tasks: [{ description: 'T' }] }] },
      null,
      '\t',
    );
    expect(taskIds(planIn(`\ufeff${json.replaceAll('\n', '\r\n')}`, 'plan.json'))).toEqual([[1]]);
  });

  it('may hold no epics, epics without tasks, and a list of dependencies left empty', () => {
    expect(planIn('project: a\nepics: []').epics).toEqual([]);
    expect(planIn('project: a\nepics: [{ name: E, tasks: [] }]').epics).toHaveLength(1);
    expect(planIn(withTask('depends_on:')).epics[0]!.tasks[0]!.dependsOn).toEqual([]);
  });
});

describe('a mistake in a plan file', () => {
  const task = 'epics[0].tasks[0]';
  it.each([
    [
      'a mistyped key',
      withTask('action: do it', 'dependsOn: [1]'),
      `plan.yaml:7: ${task}.dependsOn: is not a known key; did you mean "depends_on"?`,
    ],
    [
      'a mistyped key that leaves its field missing',
      'project: a\nepics:\n  - name: E\n    taks: []',
      'plan.yaml:4: epics[0].taks: is not a known key; did you mean "tasks"?',
    ],
    [
      'a script task without its script',
      withTask('agent: script'),
      `plan.yaml:5: ${task}.action: is missing; a script task needs the script to run`,
    ],
    [
      'an unknown key',
      'project: a\nepics: []\nfoo: 1',
      'plan.yaml:3: foo: is not a known key; use one of project, verify, setup, cleanup, epics',
    ],
    [
      'a key that objects have',
      'project: a\nepics: []\n__proto__: 1',
      'plan.yaml:3: __proto__: is not a known key; use one of project, verify, setup, cleanup, epics',
    ],
    [
      'an unknown key of a dependency',
      withTask('depends_on: [{ task: 2, typ: soft }]'),
      `plan.yaml:6: ${task}.depends_on[0].typ: is not a known key; did you mean "type"?`,
    ],
    [
      'a wrong type',
      withTask('priority: high'),
      new RegExp(`^plan.yaml:6: .*priority: must be a whole number from .*, but is the text "high"$`),
    ],
    [
      'a number for a text',
      withTask('verify: 12'),
      `plan.yaml:6: ${task}.verify: must be text, but is 12; put it in quotes`,
    ],
    [
      'a command that YAML takes for something else',
      withTask('verify: true'),
      `plan.yaml:6: ${task}.verify: must be text, but is true; put it in quotes`,
    ],
    ['an empty value', withTask('verify:'), `plan.yaml:6: ${task}.verify: must be text, but is empty`],
    ['a blank text', withTask('action: " "'), `plan.yaml:6: ${task}.action: must be text, but is blank`],
    [
      'a missing field',
      'project: a\nepics:\n  - name: E',
      'plan.yaml:3: epics[0].tasks: is missing; it must be a list of tasks',
    ],
    [
      'a text for a list',
      'project: a\nepics: none',
      'plan.yaml:2: epics: must be a list of epics, but is the text "none"',
    ],
    [
      'an epic that is none',
      'project: a\nepics:\n  - 5',
      'plan.yaml:3: epics[0]: must be an epic with "name" and "tasks", but is 5',
    ],
    [
      'an agent nobody knows',
      withTask('agent: gpt'),
      new RegExp('must be one of claude, claude-code, codex, command, script, but is the text "gpt"'),
    ],
    [
      'a budget of nothing',
      withTask('budget_usd: 0'),
      `plan.yaml:6: ${task}.budget_usd: must be an amount in USD above 0, but is 0`,
    ],
    [
      'a budget that is no number',
      withTask('budget_usd: .nan'),
      /budget_usd: must be an amount in USD above 0, but is NaN$/,
    ],
    [
      'an endless budget',
      withTask('budget_usd: .inf'),
      /budget_usd: must be an amount in USD above 0, but is Infinity$/,
    ],
    ['an id below 1', withTask('id: 0'), /:6: .*id: must be a whole number from 1 to 2147483647, but is 0$/],
    [
      'an id too large',
      withTask(`id: ${MAX_ID + 1}`),
      /id: must be a whole number from 1 to 2147483647, but is 2147483648$/,
    ],
    ['a fraction as id', withTask('id: 1.5'), /id: must be a whole number from 1 to 2147483647, but is 1.5$/],
    [
      'a text as dependency',
      withTask('depends_on: [T2]'),
      /depends_on\[0\]: must be the id of a task, or \{ task: 4, type: soft \}, but is the text "T2"$/,
    ],
    [
      'a project name with a space',
      'project: my app\nepics: []',
      /^plan.yaml:1: project: must be 1 to 63 letters.*"my-app"$/,
    ],
    [
      'a NUL in a text',
      withTask('action: "a\\0b"'),
      `plan.yaml:6: ${task}.action: holds a NUL character; remove it`,
    ],
    [
      'half of a character, which JSON can say',
      withTask('action: "a\\ud83d"'),
      `plan.yaml:6: ${task}.action: holds half of a character (a lone surrogate); remove it`,
    ],
    [
      'a budget that no sum can hold',
      withTask('budget_usd: 99999999999'),
      `plan.yaml:6: ${task}.budget_usd: must be at most 1000000000 USD, but is 99999999999`,
    ],
    [
      'a task that depends on itself',
      withTask('id: 3', 'depends_on: [3]'),
      `plan.yaml:7: ${task}.depends_on: task 3 depends on itself; remove the dependency`,
    ],
    [
      'a dependency on nothing',
      withTask('id: 3', 'depends_on:', '  - { task: 99, type: soft }'),
      `plan.yaml:8: ${task}.depends_on: task 3 depends on task 99, which does not exist; fix the id or add the task`,
    ],
    [
      'what is no name of a model',
      withTask('model: opus please'),
      `plan.yaml:6: ${task}.model: must be a model name or alias such as opus, but is the text "opus please"`,
    ],
    ['a list as the plan', '- a', 'plan.yaml:1: must be a mapping with "project" and "epics", but is a list'],
    [
      'a text as the plan',
      'hello',
      'plan.yaml:1: must be a mapping with "project" and "epics", but is the text "hello"',
    ],
    ['only a comment', '# later', 'plan.yaml: must be a mapping with "project" and "epics", but is empty'],
    ['an empty file', ' \n', 'plan.yaml: is empty; a plan needs at least "project: NAME" and "epics: []"'],
    ['a syntax error', 'project: a\nepics: [', /^plan.yaml:2: is not valid YAML: /],
    ['a tag', 'project: !name a\nepics: []', 'plan.yaml:1: is not valid YAML: Unresolved tag: !name'],
    [
      'a key twice',
      'project: a\nepics: []\nproject: b',
      'plan.yaml:3: the key "project" is there twice; remove one of them',
    ],
    [
      'an alias',
      'project: &p a\nverify: *p\nepics: []',
      'plan.yaml:2: the alias "*p" is not allowed in a plan; write the value out',
    ],
    [
      'a second document',
      'project: a\nepics: []\n---\nproject: b',
      /^plan.yaml:[34]: a plan file holds one document/,
    ],
    [
      'a binary file',
      'PK\u0003\u0004\u0000',
      'plan.yaml: is not a text file; save the plan as YAML or JSON in UTF-8',
    ],
  ])('is named, with its line: %s', (_, text, expected) => {
    const errors = errorsIn(text);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(expected);
  });

  it('is called JSON in a JSON file', () => {
    expect(errorsIn('{"project": "a"', 'plan.json')[0]).toMatch(/^plan.json:1: is not valid JSON: /);
  });

  it('is reported together with all others of its kind, in the order of the file', () => {
    const text = `project: a
epics:
  - id: 1
    name: One
    tasks:
      - { id: 1, description: A, depends_on: [2] }
      - { id: 2, description: B, depends_on: [3, 9] }
      - { id: 3, description: C, depends_on: [1] }
  - id: 1
    name: Two
    tasks:
      - { id: 3, description: D, depends_on: [1, { task: 1, type: soft }] }
      - { id: 5, description: E, depends_on: [6] }
      - { id: 6, description: F, depends_on: [5] }
`;
    expect(errorsIn(text)).toEqual([
      'plan.yaml:6: epics[0].tasks[0].depends_on: Circular dependencies detected: [(1, 2, 3, 1), (5, 6, 5)]; remove one dependency of each',
      'plan.yaml:7: epics[0].tasks[1].depends_on: task 2 depends on task 9, which does not exist; fix the id or add the task',
      'plan.yaml:9: epics[1].id: epic 1 is there twice; give one of the two another id',
      'plan.yaml:12: epics[1].tasks[0].id: task 3 is there twice; give one of the two another id',
      'plan.yaml:12: epics[1].tasks[0].depends_on: task 3 depends on task 1 twice; remove one of the two',
    ]);
  });

  it('is told after the unknown keys, which may have caused it', () => {
    const text = 'project: a\nepics:\n  - title: E\n    tasks: [{ descripton: T, priority: x }]\n';
    expect(errorsIn(text)).toEqual([
      'plan.yaml:3: epics[0].title: is not a known key; use one of id, name, tasks',
      'plan.yaml:4: epics[0].tasks[0].descripton: is not a known key; did you mean "description"?',
      'plan.yaml:3: epics[0].name: is missing; it must be text',
      expect.stringMatching(/^plan.yaml:4: epics\[0\].tasks\[0\].priority: must be a whole number/),
    ]);
  });

  it('makes one line, however many there are', () => {
    const errors = [1, 2, 3].map((line) => ({ line, field: 'epics', message: 'is\n  wrong' }));
    expect(describePlanErrors(errors, 'plan.yaml')).toBe('plan.yaml:1: epics: is wrong (and 2 more)');
  });
});

describe('noise instead of a plan', () => {
  const size = 4_000_000;
  const repeated = (text: string) => text.repeat(size / text.length);
  const random = () => {
    let state = 7;
    const next = () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) / 2 ** 32;
    const bytes = Uint8Array.from({ length: 40_000 }, () => 32 + Math.floor(next() * 95));
    return repeated(new TextDecoder().decode(bytes));
  };

  it.each([
    ['5 MB of anything', () => 'a: b\n'.repeat(1_000_001), /is larger than 4 MB/],
    ['open brackets', () => repeated('['), /is nested too deeply/],
    ['open braces', () => repeated('{a:'), /is nested too deeply/],
    ['dashes', () => repeated('- '), /is nested too deeply/],
    ['closing brackets', () => repeated(']'), /is not valid YAML/],
    ['a million entries', () => repeated('- a\n'), /has too many entries/],
    ['quotes', () => repeated('"'), /has too many entries/],
    ['one long word', () => repeated('x'), /must be a mapping/],
    ['random characters', random, /must be a mapping|is not valid YAML/],
  ])('is refused within seconds: %s', (_, noise, message) => {
    const text = noise();
    const started = cpuMs();
    const errors = errorsIn(text);
    expect(cpuMs() - started).toBeLessThan(30_000);
    expect(errors[0]).toMatch(message);
  });

  it('is never an exception', () => {
    const fragments = fc.constantFrom(
      ...[
        'project: a',
        'epics:',
        'tasks:',
        'description: x',
        'depends_on: ',
        'id: 1',
        'id: 2',
        '- ',
        '  ',
        '\n',
        '\t',
      ],
      ...[
        '[',
        ']',
        '{',
        '}',
        ',',
        ': ',
        '&a ',
        '*a',
        '<<: ',
        '? ',
        '! ',
        '!!int ',
        '|',
        '>',
        '"',
        "'",
        '#',
        '---',
        '...',
        '%',
      ],
    );
    const text = fc.oneof(fc.array(fragments, { maxLength: 40 }), fc.array(fc.string({ unit: 'binary' })));
    fc.assert(
      fc.property(text, (parts) => {
        const result = parsePlan(parts.join(''), 'plan.yaml');
        expect(result.ok || result.errors.every(({ message }) => message !== '')).toBe(true);
        expect(result.ok || result.errors.length > 0).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('may be wrong in a hundred thousand places', () => {
    expect(errorsIn(`project: a\nepics:\n${'- 1\n'.repeat(100_000)}`)).toHaveLength(100_000);
    expect(errorsIn('a:\n'.repeat(150_000))).toHaveLength(149_999);
  });

  it('cannot grow in memory through aliases', () => {
    const levels = Array.from({ length: 30 }, (_, at) => `l${at}: &l${at} [${`*l${at - 1}, `.repeat(10)}]`);
    const bomb = ['l: &l-1 x', ...levels].join('\n');
    expect(errorsIn(bomb)[0]).toMatch(/^plan.yaml:2: the alias .* is not allowed in a plan/);
  });
});
