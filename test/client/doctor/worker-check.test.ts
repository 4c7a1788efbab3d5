import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { workerCheck } from '../../../client/doctor/worker-check';
import { workerPresence } from '../../../client/session/worker-presence';
import { identify } from '../../../processes/identity';
import { homePaths } from '../../../services/home';
import { waitUntil } from '../../../services/wait';
import { testHome } from '../../support/home';
import { endpointsOf } from '../captured-cli';

const program = { name: 'worker' as const, pid: 12, running: true, failures: 0, log: '/logs/worker.log' };

it.each([
  [{ kind: 'supervised', program }, 'ok', undefined],
  [{ kind: 'supervised', program: { ...program, failures: 2 } }, 'fail', 'read /logs/worker.log'],
  [{ kind: 'frozen', pid: 12 }, 'fail', 'kill -CONT 12'],
  [{ kind: 'orphaned' }, 'warn', 'run `yokeflow up`'],
  [{ kind: 'polling' }, 'ok', undefined],
  [{ kind: 'none' }, 'warn', 'run `yokeflow up`'],
  [{ kind: 'unknown' }, 'warn', 'run `yokeflow up`'],
] as const)('%j', (presence, status, remedy) => {
  const check = workerCheck(presence, []);
  expect({ name: check.name, status: check.status, remedy: check.remedy }).toEqual({
    name: 'worker',
    status,
    remedy,
  });
});

it('a worker that waits, since the namespace has the sessions of another database, is not well', () => {
  const taken = {
    name: 'Temporal',
    status: 'fail',
    detail: 'embedded: has the sessions of another',
  } as const;
  const disk = { name: 'disk', status: 'fail', detail: 'full' } as const;
  const supervised = { kind: 'supervised', program } as const;
  expect(workerCheck(supervised, [disk])).toMatchObject({ status: 'ok' });
  expect(workerCheck(supervised, [disk, taken])).toEqual({
    ...{ name: 'worker', status: 'fail' },
    detail: 'runs in the background, process 12, and does nothing before Temporal is put right',
  });
});

it('without services there is no worker; a Temporal that does not answer does not say', async () => {
  const at = await testHome();
  expect(await workerPresence(at.env, null)).toEqual({ kind: 'none' });
  const { temporal } = endpointsOf('unused', '127.0.0.1:1');
  expect(await workerPresence(at.env, temporal)).toEqual({ kind: 'unknown' });
  await at.remove();
});

it('a worker whose process somebody has stopped is there, and does nothing', async () => {
  const at = await testHome();
  const [child, other] = [1, 2].map(() => spawn('sleep', ['60'], { stdio: 'ignore' }));
  const worker = { name: 'worker', ...(await identify(child!.pid!)) };
  const state = { supervisor: await identify(other!.pid!), programs: [worker], worker: true };
  await writeFile(homePaths(at.home).state, JSON.stringify(state));
  const presence = () => workerPresence(at.env, null);
  expect(await presence()).toMatchObject({ kind: 'supervised' });
  child!.kill('SIGSTOP');
  expect(await waitUntil(async () => (await presence()).kind !== 'supervised', 5_000)).toBe(true);
  expect(await presence()).toEqual({ kind: 'frozen', pid: child!.pid });
  child!.kill('SIGKILL');
  await at.remove();
});
