import type { Endpoints } from '../../../services';
import { closeSession } from '../../../db/session/session-close';
import type { SessionResult } from '../../../domain/session/session-result';
import { uniqueName } from '../../db/scenario';
import { fakeWorld } from '../../support/fake-world';
import { givenSession, openBoth } from '../both';
import { cli, endpointsOf } from '../captured-cli';

const at = openBoth();

const nothing = { complete: 0, skipped: 0, failed: 0, blocked: 0, pending: 0 };
const incomplete: SessionResult = {
  ...{ sessionId: 1, project: 'p', status: 'incomplete', tasks: nothing, problems: [], notes: [] },
  ...{ durationSeconds: 1, costUsd: 0 },
  epics: [
    { epic: 1, status: 'merged', mergeCommit: 'a'.repeat(40) },
    { epic: 2, status: 'lost', reason: 'its workflow was terminated: by mistake' },
  ],
};

it('status tells why an epic was lost, which only Temporal knows; without Temporal it tells the rest', async () => {
  const project = uniqueName('lost');
  const { activities } = fakeWorld([{ id: 1, epic: 1, priority: 1, dependsOn: [] }]);
  await at.temporal.startWorker({ ...activities, closeSession: () => Promise.resolve(incomplete) });
  const { id: sessionId, handle } = await givenSession(at, project);
  await closeSession(at.db, { sessionId, status: 'incomplete' });
  await expect(handle.result()).rejects.toThrow();

  const status = (endpoints: Endpoints) => cli(['status', '--project', project], endpoints);
  const { stdout } = await status(at.endpoints);
  expect(stdout).toContain('\nEpic 2 Frontend  lost: its workflow was terminated: by mistake\n');
  expect(stdout).toContain(
    '  Epic 2 Frontend was lost: its workflow was terminated: by mistake; its work is kept\n' +
      `    yokeflow run --project ${project}\n`,
  );
  const alone = await status(endpointsOf(at.endpoints.databaseUrl));
  expect(alone.code).toBe(0);
  expect(alone.stdout).toContain('\nEpic 2 Frontend\n');
});
