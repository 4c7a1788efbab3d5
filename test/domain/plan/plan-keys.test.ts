import { nearestKey } from '../../../domain/plan/plan-keys';

const known = ['id', 'description', 'action', 'depends_on', 'dependency_type', 'budget_usd'];

describe('nearestKey', () => {
  it.each([
    ['dependsOn', 'depends_on'],
    ['depend_on', 'depends_on'],
    ['Budget-USD', 'budget_usd'],
    ['desciption', 'description'],
    ['dependencytype', 'dependency_type'],
    ['ID', 'id'],
  ])('takes %s for %s', (key, meant) => {
    expect(nearestKey(key, known)).toBe(meant);
  });

  it.each(['', 'x', 'owner', 'label', '日本', 'x'.repeat(1_000_000)])(
    'does not guess what a key stands for: %#',
    (key) => {
      expect(nearestKey(key, known)).toBeNull();
    },
  );
});
