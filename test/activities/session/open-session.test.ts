import { latestSession } from '../../../db/session/sessions';
import { git, newRepository, removeTemporaryFolders } from '../../support/git-repository';
import { planOf } from '../../support/plans';
import { projectName, startSystem } from '../../support/system';

afterAll(removeTemporaryFolders);

test('a session that is refused in a later try has no row that says it runs', async () => {
  const project = projectName();
  const { path } = await newRepository();
  let tries = 0;
  const system = await startSystem({
    around: (activities) => ({
      ...activities,
      async openSession(input) {
        const opened = await activities.openSession(input);
        if (++tries > 1) return opened;
        await git(path, 'branch', '-m', 'main', 'elsewhere');
        throw new Error('the answer was lost on its way');
      },
    }),
  });
  await system.import(planOf(project, [{ id: 1, epic: 1, action: 'true' }]), path);
  const refused = { outcome: 'RepositoryUnusable', message: expect.stringContaining('no branch main') };
  expect(await system.run({ project })).toMatchObject(refused);
  expect(await latestSession(system.db, project)).toMatchObject({
    ...{ status: 'failed', statusReason: expect.stringContaining('no branch main') },
  });
  await system.close();
});

test('a thousand epics with names of thousands of characters: the session opens', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const tasks = Array.from({ length: 1_000 }, (_, n) => ({
    id: n + 1,
    epic: n + 1,
    action: `echo ${n} > f`,
  }));
  const plan = planOf(project, tasks);
  const epics = plan.epics.map((epic) => ({ ...epic, name: `${epic.name} ${'x'.repeat(5_000)}` }));
  const system = await startSystem();
  await system.import({ ...plan, epics }, path);
  expect(await system.run({ project, parallel: true, epics: [1] })).toMatchObject({ outcome: 'complete' });
  await system.close();
});
