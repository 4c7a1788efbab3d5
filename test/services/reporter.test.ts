import { join } from 'node:path';
import { createReporter } from '../../services/supervision/reporter';
import { readState } from '../../services/supervision/state';
import { removeTemporaryFolders, temporaryFolder } from '../support/git-repository';
import { servicesState } from '../support/services-state';

afterEach(removeTemporaryFolders);

test('a program that cannot be started again is on record as failing, and not as the process that it was', async () => {
  const file = join(await temporaryFolder(), 'services.json');
  const reporter = createReporter(file, servicesState({ worker: true }));
  await reporter.started('temporal', { pid: 4_000_002, startedAt: 'x' }, 0);
  await reporter.started('worker', { pid: 4_000_003, startedAt: 'x' }, 0);
  await reporter.started('worker', null, 2);
  expect(await readState(file)).toMatchObject({
    programs: [{ name: 'temporal', pid: 4_000_002 }],
    failures: { temporal: 0, worker: 2 },
  });
});
