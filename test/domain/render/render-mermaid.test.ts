import fc from 'fast-check';
import { oneLine } from '../../../domain/render/render';
import { toMermaid } from '../../../domain/render/render-mermaid';
import { halfDone, planOf } from '../render-plan';

/** What a browser shows for a label: `#34;` is the character with code 34. */
const shown = (label: string) =>
  label.replace(/#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
const NODE = /^ {4}T1\["T1 ([^"]*)"\]:::pending$/;

describe('toMermaid', () => {
  it('draws epics, tasks with their status, hard and soft dependencies', () => {
    const [graph, styles] = toMermaid(halfDone).split(/(?=^ {2}classDef)/m, 2);
    expect(graph).toBe(`flowchart TD
  subgraph E1["Epic 1: Backend"]
    T1["T1 Database schema"]:::done
    T2["T2 REST API"]:::running
  end
  subgraph E2["Epic 2: Frontend"]
    T3["T3 Design"]:::failed
    T4["T4 Login form"]:::blocked
    T10["T10 Dark mode"]:::skipped
  end
  T1 --> T2
  T3 --> T4
  T2 --> T4
  T1 -.-> T4
  T3 -.-> T10
`);
    expect(styles).toMatch(/^ {2}classDef pending fill:/);
  });

  it('has a style of its own for each status', () => {
    const styles = [...toMermaid(halfDone).matchAll(/^ {2}classDef (\w+) (.+)$/gm)];
    expect(styles.map(([, name]) => name)).toEqual([
      'pending',
      'running',
      'done',
      'failed',
      'blocked',
      'skipped',
    ]);
    expect(new Set(styles.map(([, , style]) => style)).size).toBe(6);
  });

  it('keeps to one epic, with what it depends on outside as bare ids', () => {
    const graph = toMermaid(halfDone, { epic: 2 });
    expect(graph).not.toContain('Backend');
    expect(graph).not.toContain('REST API');
    expect(graph).toContain('  T2(["T2"]):::outside\n');
    expect(graph).toContain('  T2 --> T4\n');
    expect(graph).toContain('  classDef outside ');
  });

  it('keeps to one batch', () => {
    const graph = toMermaid(halfDone, { batch: 1 });
    expect([...graph.matchAll(/^ {4}(T\d+)/gm)].map(([, id]) => id)).toEqual(['T1', 'T3', 'T10']);
    expect(graph).not.toContain('outside');
  });

  it('draws something valid where there is nothing to draw', () => {
    expect(toMermaid(halfDone, { epic: 9 })).toBe('flowchart TD\n  none["No tasks"]\n');
  });

  it.each([
    ['say "hi"', 'say #34;hi#34;'],
    ['a[0](b){c}', 'a#91;0#93;(b)#123;c#125;'],
    ['issue #12; done', 'issue #35;12#59; done'],
    ['run `npm test`', 'run #96;npm test#96;'],
    ['<b>&amp;</b>', '#60;b#62;#38;amp#59;#60;/b#62;'],
    ['two\n  lines', 'two lines'],
    ['%%{init: {}}%%', '#37;#37;#123;init: #123;#125;#125;#37;#37;'],
    ['end', 'end'],
    ['🚀 größer', '🚀 größer'],
    ['\ud800', ''],
  ])('escapes %j', (description, label) => {
    expect(toMermaid(planOf([description])).split('\n')[2]).toMatch(NODE);
    expect(NODE.exec(toMermaid(planOf([description])).split('\n')[2]!)![1]).toBe(label);
  });

  it('has one line for any description and any epic name, and loses nothing of it', () => {
    const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme-ascii' }));
    fc.assert(
      fc.property(anyText, anyText, (description, epicName) => {
        const lines = toMermaid(planOf([description], epicName)).split('\n');
        const plain = toMermaid(planOf(['plain'])).split('\n');
        expect(lines).toHaveLength(plain.length);
        expect(lines.slice(3)).toEqual(plain.slice(3));
        const label = NODE.exec(lines[2]!)![1]!;
        expect(shown(label)).toBe(oneLine(description));
        expect(label.replace(/#\d+;/g, '')).not.toMatch(/["#;`<>[\]{}|&%\\]/);
        expect(shown(lines[1]!)).toBe(`  subgraph E1["${oneLine(`Epic 1: ${epicName}`)}"]`);
      }),
      { numRuns: 500 },
    );
  });

  it('draws 150,000 tasks of one epic', () => {
    const plan = planOf(Array.from({ length: 150_000 }, (_, at) => `Task ${at}`));
    const tasks = plan.tasks.map((task) => ({ ...task, dependsOn: [{ task: 1, type: 'soft' as const }] }));
    expect(toMermaid({ ...plan, tasks })).toContain('  T1 -.-> T150000\n');
  });

  it('shortens a long description by whole characters', () => {
    expect(oneLine('x'.repeat(101))).toBe(`${'x'.repeat(99)}…`);
    expect(oneLine('🚀'.repeat(100))).toBe('🚀'.repeat(100));
    expect(oneLine(`a${' '.repeat(5000)}b`)).toBe('a b');
    expect(oneLine('🚀'.repeat(3000))).toBe(`${'🚀'.repeat(99)}…`);
  });
});
