import { IDLE_MS } from '../db/connection/idle-connections';
import { LOCK_TIMES_MS } from '../db/landing/repository-lock';
import * as activities from '../domain/session/activity-limits';
import * as leases from '../domain/session/lease-times';
import * as git from '../git/process/time-limits';
import * as stop from '../services/supervision/stop-times';
import { ACTIVITIES_END_WITHIN_MS, LAST_WORDS_MS } from '../worker/stop-times';

/** Limits that only make sense beside each other, each room's in a place of its own. */

const expectRising = (times: number[]) =>
  expect(times).toEqual([...new Set(times)].sort((one, other) => one - other));

test('an activity says that it lives often enough not to be taken for lost, and is taken up again in time', () => {
  const { HEARTBEAT_MS, HEARTBEAT_KEPT_MS, LOST_AFTER_MS, COMMAND_LOST_AFTER_MS } = activities;
  expectRising([HEARTBEAT_MS + HEARTBEAT_KEPT_MS, LOST_AFTER_MS, COMMAND_LOST_AFTER_MS]);
  // Two pauses: the lost worker's lease may hold the first retry up.
  const { LONGEST_RETRY_MS, TAKEN_UP_WITHIN_MS } = activities;
  expectRising([COMMAND_LOST_AFTER_MS + 2 * LONGEST_RETRY_MS, TAKEN_UP_WITHIN_MS]);
});

test('an activity has time for all that has a limit of its own in it', () => {
  const { ROOM_MS, LAST_CLEANUP_BEGINS_MS, CLEANUP_LIMIT_MS, MAX_MOVES, activityLimitMs } = activities;
  expectRising([LAST_CLEANUP_BEGINS_MS, CLEANUP_LIMIT_MS, ROOM_MS]);
  const { ANSWER_LIMIT_MS, COMMAND_LIMIT_MS, PUSH_LIMIT_MS, CHECKOUT_LIMIT_MS } = git;
  expectRising([git.SETTINGS_LIMIT_MS, ANSWER_LIMIT_MS, COMMAND_LIMIT_MS, PUSH_LIMIT_MS, CHECKOUT_LIMIT_MS]);
  // A checkout is tried twice.
  expectRising([2 * CHECKOUT_LIMIT_MS + COMMAND_LIMIT_MS, ROOM_MS]);
  for (const minutes of [0.01, 60, 7 * 24 * 60]) {
    const command = minutes * 60_000;
    expectRising([2 * command + CHECKOUT_LIMIT_MS, activityLimitMs('runTask', minutes)]);
    expectRising([2 * command, activityLimitMs('completeTask', minutes)]);
    expectRising([3 * command, activityLimitMs('mendEpic', minutes)]);
    expectRising([3 * command * MAX_MOVES, activityLimitMs('landStack', minutes)]);
    for (const one of ['completeTask', 'mendEpic', 'landStack', 'runTask'] as const)
      expect(Number.isInteger(activityLimitMs(one, minutes))).toBe(true);
  }
});

test('a lease is renewed twice before anybody makes anything of its silence', () => {
  expectRising([leases.RENEW_MS, leases.QUIET_AFTER_MS, leases.AT_WORK_FOR_MS, leases.STALE_AFTER_MS]);
  expect(leases.QUIET_AFTER_MS).toBeGreaterThanOrEqual(2 * leases.RENEW_MS);
});

test('who holds a repository stops, with its git, before others may have it; they wait for longer', () => {
  const { answer, ping, givenUp, freed, wait } = LOCK_TIMES_MS;
  expectRising([answer, ping, givenUp, freed, wait]);
  expectRising([givenUp + git.GRACE_MS, freed]);
  // A connection is asked again before PostgreSQL would cut it.
  expectRising([IDLE_MS, freed]);
  expectRising([git.COMMAND_LIMIT_MS, git.REF_LOCK_LIMIT_MS]);
  expectRising([git.GRACE_MS, git.ORPHANS_END_WITHIN_MS]);
});

test('who asks something to stop waits for longer than that takes', () => {
  expectRising([ACTIVITIES_END_WITHIN_MS + 2 * LAST_WORDS_MS, stop.WORKER_STOPS_WITHIN_MS]);
  const { STEP_ENDS_WITHIN_MS, WORKER_STOPS_WITHIN_MS, TEMPORAL_STOPS_WITHIN_MS, POSTGRES_STOPS_WITHIN_MS } =
    stop;
  const all =
    STEP_ENDS_WITHIN_MS + WORKER_STOPS_WITHIN_MS + TEMPORAL_STOPS_WITHIN_MS + POSTGRES_STOPS_WITHIN_MS;
  expectRising([all, stop.SUPERVISOR_STOPS_WITHIN_MS]);
  expectRising([git.GRACE_MS, ACTIVITIES_END_WITHIN_MS]);
});
