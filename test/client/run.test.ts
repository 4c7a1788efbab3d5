import { importPlan } from '../../db/plan/plan-import';
import { sessionWorkflowId } from '../../workflows/messages';
import { repositoryOf, smallPlan, uniqueName } from '../db/scenario';
import { openBoth } from './both';
import { cli } from './captured-cli';

const at = openBoth();

async function givenProject(): Promise<string> {
  const project = uniqueName('run-options');
  await importPlan(at.db, { plan: smallPlan(project), repository: repositoryOf(project) });
  return project;
}

const sessionOf = (project: string) => at.temporal.client.workflow.getHandle(sessionWorkflowId(project));

it('names epics that the plan does not have by the option, and starts nothing', async () => {
  const project = await givenProject();
  expect(await cli(['run', '--project', project, '--epics', '1,9'], at.endpoints)).toMatchObject({
    ...{ code: 2, stdout: '', stderr: 'yokeflow: --epics: the plan has no epic 9; it has 1, 2' },
  });
  await expect(sessionOf(project).describe()).rejects.toThrow('not found');
});

it('says which options change nothing without --parallel', async () => {
  const run = async (...options: string[]) => {
    const project = await givenProject();
    const { stderr } = await cli(['run', '--project', project, '--detach', ...options], at.endpoints);
    await sessionOf(project).terminate();
    return stderr;
  };
  const idle = 'for --parallel: without it, one agent works at a time and main moves with each task';
  const both = ['--max-concurrency', '4', '--merge-strategy', 'squash'];
  expect(await run(...both)).toContain(`--max-concurrency and --merge-strategy are ${idle}`);
  expect(await run('--max-concurrency', '4')).toContain(`--max-concurrency is ${idle}`);
  expect(await run(...both, '--parallel')).not.toContain(idle);
});

it('status tells of a session that no worker has put on record', async () => {
  const project = await givenProject();
  const status = (...options: string[]) => cli(['status', '--project', project, ...options], at.endpoints);
  expect((await status()).stdout).toContain('No session yet. Start one: ');
  await cli(['run', '--project', project, '--detach'], at.endpoints);
  const follow = `yokeflow watch --project ${project}`;
  const { stdout, stderr } = await status();
  expect(stderr).toBe(`A session is started, and no worker has put it on record yet: ${follow}`);
  expect(stdout).not.toContain('No session yet');
  expect(JSON.parse((await status('--json')).stdout)).toEqual({
    ...{ project, session: null, starting: true, next: follow },
  });
  await sessionOf(project).terminate();
  expect((await status()).stderr).toBe('');
});
