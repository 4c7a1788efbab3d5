import { stuckIn } from '../../../client/session/stuck-workflows';
import { stuckSteps } from '../../../client/status/stuck-steps';
import { hintFor } from '../../../client/text/hint';

const described = (workflowId: string, attempt?: number) =>
  ({
    workflowExecutionInfo: { execution: { workflowId } },
    ...(attempt === undefined ? {} : { pendingWorkflowTask: { attempt } }),
  }) as Parameters<typeof stuckIn>[0][number];

const session = { project: 'app', workflowId: 'yokeflow-app', options: { parallel: true } };

test('a session that no worker can go on with is ended and run again; of an epic, only its workflow is ended', () => {
  const stuck = stuckIn([described('yokeflow-app', 13), described('yokeflow-app/epic-2', 7)]);
  const steps = stuckSteps(stuck, session, hintFor({}));
  expect(steps.map(({ problem }) => problem.split(',')[0])).toEqual([
    'The workflow yokeflow-app cannot go on: it failed 12 times',
    'The workflow yokeflow-app/epic-2 cannot go on: it failed 6 times',
  ]);
  expect(steps.map(({ commands }) => commands)).toEqual([
    ['yokeflow temporal -- workflow terminate -w yokeflow-app', 'yokeflow run --project app --parallel'],
    ['yokeflow temporal -- workflow terminate -w yokeflow-app/epic-2'],
  ]);
});

test('one whose worker was lost a few times is not', () => {
  expect(stuckIn([described('idle'), described('begun', 1), described('killed', 4)])).toEqual([]);
});
