import type { Command } from 'commander';
import { getProject } from '../../db/project/projects';
import { loadPlan } from '../../db/plan/plan-load';
import { toAscii } from '../../domain/render/render-ascii';
import { addAction, type Cli } from '../cli/command';
import { withServices, type Connected } from '../cli/connect';
import { demoFiles } from '../demo/files';
import { createDemoRepository, history } from '../demo/repository';
import { EXIT, type ExitCode } from '../cli/exit';
import { givenPath } from '../cli/given-path';
import { followRun } from '../follow/follow-run';
import { importInto } from '../plan/import-plan';
import { batchesInOneLine } from '../text/batches';
import { startSession } from '../session/session';
import { graphOf } from '../plan/stored-graph';
import { readPlan } from '../plan/plan-file';

interface DemoOptions {
  keep?: string;
}

export function addDemo(program: Command, cli: Cli): void {
  addAction(program, cli, demo, {
    usage: 'demo',
    summary: 'run an example plan in a repository of its own; no model and no key are needed',
    example: 'demo',
    options: [['--keep <dir>', 'make the repository there, instead of in a temporary folder']],
  });
}

async function demo(cli: Cli, { keep }: DemoOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  const files = demoFiles();
  const plan = { ...(await readPlan(files.plan, 'demo-plan.yaml')), project: demoName(new Date()) };
  const folder = keep === undefined ? undefined : givenPath('--keep', keep, context.cwd);
  const repository = await createDemoRepository(files.service, folder);
  return withServices(context, async (connected) => {
    await importInto(connected.db, plan, { repository });
    await introduce(cli, connected, { project: plan.project, repository });
    const session = await startSession(connected, { project: plan.project, parallel: true });
    const code = await followRun(cli, connected, session);
    if (code === EXIT.detached) return code;
    context.print(`\nWhat landed on main\n${await history(repository)}`);
    context.print(`\nThe repository: ${repository}\nStop the services: ${hint('down')}`);
    return code;
  });
}

async function introduce(
  { context }: Cli,
  { db }: Connected,
  { project, repository }: { project: string; repository: string },
): Promise<void> {
  const { id } = await getProject(db, project);
  const { render, resolution } = graphOf(await loadPlan(db, id));
  context.print(`${project} in ${repository}\n`);
  context.print(`${toAscii(render)}\nBatches: ${batchesInOneLine(resolution.batches)}\n`);
}

/** `demo-1123-141503`: a new project each time. */
function demoName(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `demo-${day}-${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('')}`;
}
