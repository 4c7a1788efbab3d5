import type { Queryable } from '../../../db/connection/connection';
import type { SessionSummary } from '../../../db/session/summary';
import { UNSEEN } from '../../../client/status/merge-states';
import { seldom } from '../../../client/status/seldom';

it('looks again when the database says something else, or after a rest', async () => {
  const now = jest.spyOn(Date, 'now').mockReturnValue(0);
  let looks = 0;
  const look = seldom(() => Promise.resolve({ ...UNSEEN, onto: `look ${++looks}` }), 5_000);
  const seen = async (status: string, at: number) => {
    now.mockReturnValue(at);
    const epics = [{ worktree: { status } }];
    const summary = { session: { id: 1, status: 'running' }, epics, sequentialWorktree: null };
    return (await look({} as Queryable, summary as unknown as SessionSummary)).onto;
  };
  expect(await seen('conflict', 0)).toBe('look 1');
  expect(await seen('conflict', 4_999)).toBe('look 1');
  expect(await seen('blocked', 4_999)).toBe('look 2');
  expect(await seen('blocked', 5_100)).toBe('look 2');
  expect(await seen('blocked', 9_999)).toBe('look 3');
  now.mockRestore();
});
