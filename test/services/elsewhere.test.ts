import { mkdtemp, rm, utimes } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ensureServices } from '../../services/ensure';
import { homePaths } from '../../services/home';
import { stopServices } from '../../services/stop';
import { beat, requireNotElsewhere, thisPlace } from '../../services/supervision/elsewhere';
import { readState, type ServicesState, writeState } from '../../services/supervision/state';
import { servicesState } from '../support/services-state';

let home: string;
let file: string;
let beating: NodeJS.Timeout | undefined;
beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'yokeflow-test-elsewhere-'));
  file = homePaths(home).state;
});
afterEach(async () => {
  clearInterval(beating);
  await rm(home, { recursive: true, force: true });
});

/** What a supervisor left in the home whose process nobody sees from here. */
async function given(changes: Partial<ServicesState>): Promise<void> {
  const ports = { postgres: 1, temporal: 2, ui: 3 };
  await writeState(file, servicesState({ place: 'node-7 pid:[1]', ports, ...changes }));
}

function beats(): void {
  beating = setInterval(() => void utimes(file, new Date(), new Date()), 50);
}

const look = () => requireNotElsewhere(home, file, () => undefined, 1_000);

test('a home whose services run on another machine is neither started nor stopped here', async () => {
  await given({});
  beats();
  const env = { ...process.env, YOKEFLOW_HOME: home, DATABASE_URL: '', TEMPORAL_ADDRESS: '' };
  const refused = /services of .* run on node-7, another machine or container: use them there.*YOKEFLOW_HOME/;
  await expect(ensureServices({ env })).rejects.toThrow(refused);
  await expect(stopServices({ env })).rejects.toThrow(refused);
  expect(await readState(file)).toMatchObject({ place: 'node-7 pid:[1]' });
});

test.each<[string, Partial<ServicesState>, boolean]>([
  ['was killed there', {}, false],
  ['was killed here', { place: 'here' }, true],
  ['is of an older version, which does not say where it runs', { place: null }, true],
  ['could not start', { phase: 'failed' }, true],
])('a supervisor that %s is no obstacle', async (_, changes, lives) => {
  await given(changes.place === 'here' ? { place: await thisPlace() } : changes);
  if (lives) beats();
  await expect(look()).resolves.toBeUndefined();
});

test('a supervisor shows those elsewhere that it lives', async () => {
  await given({});
  const stop = beat(file, 50);
  await expect(look()).rejects.toThrow('run on node-7');
  stop();
  await expect(look()).resolves.toBeUndefined();
});
