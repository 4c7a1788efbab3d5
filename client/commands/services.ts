import type { Command } from 'commander';
import { migrate } from '../../db/migrate';
import { runChecks, serviceStatus, stopServices, type Check, type Endpoints } from '../../services';
import { addCommand, exitWith, JSON_OPTION, type Cli } from '../command';
import { EXIT, type ExitCode } from '../exit';

interface JsonOption {
  json?: boolean;
}

/** The commands about the services themselves. */
export function addServices(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: 'up',
    summary: 'start PostgreSQL, Temporal and a worker in the background, as far as they are ours',
    example: 'up',
  })
    .option(...JSON_OPTION)
    .action(exitWith(cli, (options: JsonOption) => up(cli, options)));
  addCommand(program, cli, {
    usage: 'down',
    summary: 'stop what was started in the background; an open session goes on at the next start',
    example: 'down',
  }).action(exitWith(cli, () => down(cli)));
  addCommand(program, cli, {
    usage: 'doctor',
    summary: 'check what YokeFlow needs; starts nothing',
    example: 'doctor',
  })
    .option(...JSON_OPTION)
    .action(exitWith(cli, (options: JsonOption) => doctor(cli, options)));
}

async function up({ context, hint }: Cli, { json }: JsonOption): Promise<ExitCode> {
  const endpoints = await context.services({ worker: true });
  await migrate(endpoints.databaseUrl);
  const { programs } = await serviceStatus(context.env);
  const places = describeEndpoints(endpoints);
  if (json) context.print(JSON.stringify({ ...places, programs }));
  else {
    context.print(`PostgreSQL: ${places.postgres}\nTemporal:   ${places.temporal}`);
    if (places.webUi) context.print(`Web UI:     ${places.webUi}`);
    for (const { name, pid, log } of programs) context.print(`${name}: process ${pid}, log ${log}`);
    context.print(`Stop them:  ${hint('down')}`);
  }
  return EXIT.ok;
}

/** Without the password. */
function describeEndpoints({ databaseUrl, temporal }: Endpoints) {
  const { host, pathname } = new URL(databaseUrl);
  const where = `${temporal.address}, namespace ${temporal.namespace}`;
  return { postgres: `${host}${pathname}`, temporal: where, webUi: temporal.uiUrl };
}

async function down({ context }: Cli): Promise<ExitCode> {
  const stopped = await stopServices({ env: context.env, onProgress: (line) => context.note(line) });
  context.print(stopped ? 'stopped' : 'nothing was running');
  return EXIT.ok;
}

async function doctor({ context }: Cli, { json }: JsonOption): Promise<ExitCode> {
  const checks = await runChecks(context.env);
  context.print(json ? JSON.stringify(checks) : checks.map((check) => checkLine(check, context)).join('\n'));
  return checks.some(({ ok }) => ok === false) ? EXIT.incomplete : EXIT.ok;
}

function checkLine({ name, ok, detail, remedy }: Check, { colours }: Cli['context']): string {
  const mark =
    ok === true ? colours.green('ok  ') : ok === 'warn' ? colours.yellow('warn') : colours.red('FAIL');
  return `${mark}  ${name}: ${detail}${remedy ? ` (${remedy})` : ''}`;
}
