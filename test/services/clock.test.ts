import { identify } from '../../processes/identity';
import { isGoneWithin } from '../../processes/signal';
import { waitUntil } from '../../services/wait';

/** Each look at the machine's clock finds it set by another hour. */
function clockIsSetBy(hours: number): void {
  const { now } = Date;
  let looks = 0;
  jest.spyOn(Date, 'now').mockImplementation(() => now() + ++looks * hours * 60 * 60_000);
}
afterEach(() => jest.restoreAllMocks());

test('a clock that is set forward ends no wait', async () => {
  clockIsSetBy(1);
  let asked = 0;
  expect(await waitUntil(async () => ++asked === 3, 60_000, 1)).toBe(true);
});

test('a clock that is set back makes no wait longer', async () => {
  clockIsSetBy(-1);
  expect(await isGoneWithin((await identify(process.pid))!, 100)).toBe(false);
});
