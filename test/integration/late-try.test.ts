import { git, newRepository, removeTemporaryFolders } from '../support/git-repository';
import { planOf } from '../support/plans';
import { projectName, startSystem, type System } from '../support/system';
import { waitUntil } from '../../services/wait';

let system: System;
let lost = false;
const hasLanded = async () => {
  const { rowCount } = await system.db.query(`select from yokeflow.worktrees where status = 'merged'`);
  return rowCount > 0;
};
beforeAll(async () => {
  system = await startSystem({
    around: (activities) => ({
      ...activities,
      async runTask(input) {
        const outcome = await activities.runTask(input);
        if (lost) return outcome;
        lost = await waitUntil(hasLanded, 20_000);
        throw new Error('the worker was lost, and the session knew already that the task is complete');
      },
    }),
  });
});
afterAll(async () => {
  await system.close();
  await removeTemporaryFolders();
});

test('a try that is asked again after its epic has landed: what is on record of that stays', async () => {
  const project = projectName();
  const { path } = await newRepository();
  await system.import(planOf(project, [{ id: 1, epic: 1, action: 'echo 1 > f1' }]), path);
  const { result } = await system.run({ project, parallel: true });
  expect(lost).toBe(true);
  const mergeCommit = await git(path, 'rev-parse', 'main');
  expect(result!.epics).toEqual([{ epic: 1, status: 'merged', mergeCommit }]);
});
