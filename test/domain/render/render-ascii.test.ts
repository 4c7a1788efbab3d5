import fc from 'fast-check';
import { toAscii } from '../../../domain/render/render-ascii';
import { halfDone, planOf } from '../render-plan';

describe('toAscii', () => {
  it('shows batches, epics, status and dependencies', () => {
    expect(toAscii(halfDone)).toBe(`Batch 1
  Epic 1: Backend
    [x] T1   Database schema
  Epic 2: Frontend
    [!] T3   Design
    [~] T10  Dark mode  (soft T3)

Batch 2
  Epic 1: Backend
    [>] T2   REST API  after T1

Batch 3
  Epic 2: Frontend
    [-] T4   Login form  after T3, T2 (soft T1)
`);
  });

  it('shows one epic, one batch, or one epic of one batch', () => {
    expect(toAscii(halfDone, { epic: 1 })).toBe(`Batch 1
  Epic 1: Backend
    [x] T1  Database schema

Batch 2
  Epic 1: Backend
    [>] T2  REST API  after T1
`);
    expect(toAscii(halfDone, { batch: 2 })).toBe(
      'Batch 2\n  Epic 1: Backend\n    [>] T2  REST API  after T1\n',
    );
    expect(toAscii(halfDone, { epic: 1, batch: 1 })).toBe(
      'Batch 1\n  Epic 1: Backend\n    [x] T1  Database schema\n',
    );
  });

  it.each([{ epic: 9 }, { batch: 9 }, { epic: 1, batch: 3 }])('says so where %j leaves nothing', (filter) => {
    expect(toAscii(halfDone, filter)).toBe('No tasks.\n');
  });

  it('does not lose a task that is in no batch', () => {
    expect(toAscii({ ...planOf(['A', 'B']), batches: [[1]] })).toBe(
      'Batch 1\n  Epic 1: Epic\n    [ ] T1  A\n\nIn no batch (circular dependencies)\n  Epic 1: Epic\n    [ ] T2  B\n',
    );
  });

  it('shows 150,000 tasks of one epic', () => {
    const text = toAscii(planOf(Array.from({ length: 150_000 }, (_, at) => `Task ${at}`)));
    expect(text).toContain('    [ ] T1       Task 0\n');
    expect(text).toContain('    [ ] T150000  Task 149999\n');
  });

  it('keeps any description on its line, without control characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (description) => {
        const lines = toAscii(planOf([description])).split('\n');
        expect(lines).toHaveLength(4);
        expect(lines[2]).toMatch(/^ {4}\[ \] T1 {2}/);
        expect(lines.join('')).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u);
      }),
    );
    expect(toAscii(planOf(['\u001b[31mred\u0007\nline']))).toContain('T1  [31mred line\n');
  });
});
