import { newRepository, write } from '../../support/git-repository';
import { planOf } from '../../support/plans';
import { testTemporal } from '../../support/services';
import { projectName, useSystem } from '../../support/system';
import { cli, endpointsOf } from '../captured-cli';

const system = useSystem();

async function givenProject(action: string): Promise<string> {
  const project = projectName();
  await system.import(planOf(project, [{ id: 1, epic: 1, action }]), (await newRepository()).path);
  return project;
}

test('what has the workflow id of a project and is none of its sessions is named, with the remedy', async () => {
  const [one, other] = [
    await givenProject(`until test -e ${system.folder}/go; do sleep 0.1; done`),
    await givenProject('true'),
  ];
  const { client, taskQueue } = system.temporal;
  const workflowId = `yokeflow-${other}`;
  const options = { workflowId, taskQueue, args: [{ project: one }] };
  const run = await client.workflow.start('runProject', options);
  const commands = [['run'], ['run', '--detach', '--json'], ['watch'], ['pause'], ['cancel'], ['merge', '1']];
  for (const command of commands) {
    const refused = await cli(
      [...command, '--project', other],
      endpointsOf(system.databaseUrl, testTemporal().address),
    );
    expect({ command, ...refused }).toMatchObject({
      ...{ command, code: 2, stdout: '' },
      stderr:
        `yokeflow: ${other} cannot run: a run of the project ${one} has its workflow id, ${workflowId}. ` +
        `Wait until that ends, or cancel it: yokeflow temporal -- workflow cancel -w ${workflowId}`,
    });
  }
  await write(system.folder, { go: '' });
  await expect(run.result()).resolves.toMatchObject({ project: one, status: 'complete' });
});
