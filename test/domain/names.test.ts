import fc from 'fast-check';
import { epicBranchName, SEQUENTIAL_BRANCH, slugify } from '../../domain/names';

/** A subset of what `git check-ref-format --branch` and Windows allow: single hyphens, nothing else special. */
const SAFE = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/;

describe('epicBranchName', () => {
  it.each([
    ['User Authentication', 'epic-42-user-authentication'],
    ['CON', 'epic-42-con-epic'],
    ['com1', 'epic-42-com1-epic'],
    ['COM¹', 'epic-42-com1-epic'],
    ['Console', 'epic-42-console'],
    ['API: User & Admin', 'epic-42-api-user-admin'],
    ['The user\'s "profile"', 'epic-42-the-users-profile'],
    ['  ../../etc/passwd  ', 'epic-42-etc-passwd'],
    ['release.lock', 'epic-42-release-lock'],
    ['Über-Größe', 'epic-42-uber-grosse'],
    ['Аутентификация', 'epic-42-autentifikatsiya'],
    ['北京', 'epic-42-beijing'],
    ['Launch 🚀', 'epic-42-launch-rocket'],
  ])('makes %j into %s', (name, branch) => {
    expect(epicBranchName(42, name)).toBe(branch);
  });

  it('finds a name where nothing of the given one can be kept, always the same', () => {
    expect(epicBranchName(42, '')).toBe('epic-42-811c9dc5');
    expect(epicBranchName(42, '!!!')).toMatch(/^epic-42-[0-9a-f]{8}$/);
    expect(epicBranchName(42, '!!!')).toBe(epicBranchName(42, '!!!'));
    expect(epicBranchName(42, '!!!')).not.toBe(epicBranchName(42, '???'));
  });

  it('does not depend on how accents are encoded', () => {
    expect(slugify('e\u0301te\u0301')).toBe(slugify('été'));
  });

  it('ends within 200 characters, and not with a hyphen', () => {
    expect(epicBranchName(42, 'x'.repeat(500))).toHaveLength(200);
    expect(epicBranchName(42, `${'x'.repeat(191)} y`)).toBe(`epic-42-${'x'.repeat(191)}`);
  });

  it('is safe in git and on Windows, and stable, for any name', () => {
    const anyName = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), anyName, (id, name) => {
        const branch = epicBranchName(id, name);
        expect(branch).toMatch(SAFE);
        expect(branch.startsWith(`epic-${id}-`)).toBe(true);
        expect(branch.length).toBeLessThanOrEqual(200);
        expect(slugify(name)).not.toMatch(RESERVED);
        expect(epicBranchName(id, name)).toBe(branch);
      }),
      { numRuns: 500 },
    );
  });
});

describe('other names', () => {
  it('has a branch of its own for sessions that are not parallel', () => {
    expect(SEQUENTIAL_BRANCH).toBe('yokeflow-sequential');
  });
});
