import { afterAwake, awakeStopwatch } from '../../../agents/process/awake';

const HOUR = 3_600_000;

/** A machine that sleeps through every timer: each is due as it wakes up. */
function sleeper() {
  const due: { work: () => void; ms: number }[] = [];
  jest.spyOn(global, 'setTimeout').mockImplementation(((work: () => void, ms: number) => {
    due.push({ work, ms });
    return due.length;
  }) as unknown as typeof setTimeout);
  return { wakeUp: () => due.splice(0).reduce((waited, { work, ms }) => (work(), waited + ms), 0) };
}

afterEach(() => jest.restoreAllMocks());

test('a machine that sleeps does not use up the time of what runs on it', () => {
  const machine = sleeper();
  const work = jest.fn();
  afterAwake(HOUR, work);
  for (let night = 0; night < 5; night += 1) machine.wakeUp();
  expect(work).not.toHaveBeenCalled();
});

test('the time that it was awake adds up to all of it', () => {
  const machine = sleeper();
  const work = jest.fn();
  afterAwake(HOUR + 1, work);
  let awake = 0;
  while (!work.mock.calls.length) awake += machine.wakeUp();
  expect(awake).toBe(HOUR + 1);
});

test('it is over after the time, and not when it was stopped', async () => {
  const stopped = jest.fn();
  afterAwake(1, stopped)();
  await new Promise<void>((resolve) => void afterAwake(20, resolve));
  expect(stopped).not.toHaveBeenCalled();
});

test('a night that was slept through is no time on the watch', () => {
  const watch = awakeStopwatch();
  const morning = performance.now() + 8 * HOUR;
  jest.spyOn(performance, 'now').mockImplementation(() => morning);
  expect(watch.ms()).toBeLessThan(60_000);
  watch.stop();
});
