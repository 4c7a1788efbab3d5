import { setTimeout as sleep } from 'node:timers/promises';
import { fewAtATime } from '../../../client/worktrees/few-at-a-time';

it.each([0, 1, 8, 9, 30])(
  'does %d things, at most 8 at a time, and answers in their order',
  async (count) => {
    let [now, most] = [0, 0];
    const all = Array.from({ length: count }, (_, at) => at);
    const done = await fewAtATime(8, all, async (one) => {
      most = Math.max(most, ++now);
      await sleep(1);
      now--;
      return one * 2;
    });
    expect(done).toEqual(all.map((one) => one * 2));
    expect(most).toBe(Math.min(count, 8));
  },
);
