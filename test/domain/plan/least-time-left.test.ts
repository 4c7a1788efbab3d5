import { leastTimeLeft, type OpenTask } from '../../../domain/plan/least-time-left';

const task = (id: number, epic: number, ms: number, ...needs: number[]): OpenTask => ({
  id,
  epic,
  ms,
  priority: 100,
  dependsOn: needs.map((needed) => ({ task: needed, type: 'hard' })),
});

test('the longest chain of dependencies decides, through finished tasks or not', () => {
  const chain = [task(1, 1, 10), task(2, 2, 20, 1), task(3, 3, 5, 2), task(4, 4, 25), task(9, 5, 1, 77)];
  expect(leastTimeLeft(chain, 10)).toEqual({ ms: 35, criticalPath: [1, 2, 3] });
});

test('an epic whose tasks take turns in its worktree may take longer than any chain', () => {
  expect(leastTimeLeft([task(1, 1, 10), task(2, 1, 10), task(3, 1, 10)], 10).ms).toBe(30);
});

test('few agents take longer than both', () => {
  const six = [1, 2, 3, 4, 5, 6].map((id) => task(id, id, 10));
  expect(leastTimeLeft(six, 10).ms).toBe(10);
  expect(leastTimeLeft(six, 2).ms).toBe(30);
});

test('nothing is left, nothing takes no time', () => {
  expect(leastTimeLeft([], 3)).toEqual({ ms: 0, criticalPath: [] });
});
