import { workerCheck } from '../../../client/session/worker-check';
import { workerPresence } from '../../../client/session/worker-presence';
import { testHome } from '../../support/home';
import { endpointsOf } from '../captured-cli';

const program = { name: 'worker' as const, pid: 12, running: true, failures: 0, log: '/logs/worker.log' };

it.each([
  [{ kind: 'supervised', program }, 'ok', undefined],
  [{ kind: 'supervised', program: { ...program, failures: 2 } }, 'fail', 'read /logs/worker.log'],
  [{ kind: 'orphaned' }, 'warn', 'run `yokeflow up`'],
  [{ kind: 'polling' }, 'ok', undefined],
  [{ kind: 'none' }, 'warn', 'run `yokeflow up`'],
  [{ kind: 'unknown' }, 'warn', 'run `yokeflow up`'],
] as const)('%j', (presence, status, remedy) => {
  const check = workerCheck(presence);
  expect({ name: check.name, status: check.status, remedy: check.remedy }).toEqual({
    name: 'worker',
    status,
    remedy,
  });
});

it('without services there is no worker; a Temporal that does not answer does not say', async () => {
  const at = await testHome();
  expect(await workerPresence(at.env, null)).toEqual({ kind: 'none' });
  const { temporal } = endpointsOf('unused', '127.0.0.1:1');
  expect(await workerPresence(at.env, temporal)).toEqual({ kind: 'unknown' });
  await at.remove();
});
