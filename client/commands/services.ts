import type { Command } from 'commander';
import { schemaVersion } from '../../db/connection/migrate';
import {
  peekServices,
  peekTemporal,
  runChecks,
  serviceStatus,
  stopServices,
  type Check,
  type Endpoints,
} from '../../services';
import { addAction, JSON_OPTION, type Cli, type JsonOption } from '../cli/command';
import { withConnected } from '../cli/connect';
import { EXIT, type ExitCode } from '../cli/exit';
import { pasteable } from '../text/hint';
import { schemaCheck } from '../doctor/schema-check';
import { workerCheck } from '../doctor/worker-check';
import { reply } from '../cli/reply';
import { workerPresence } from '../session/worker-presence';

/** The commands about the services themselves. */
export function addServices(program: Command, cli: Cli): void {
  addAction(program, cli, up, {
    usage: 'up',
    summary: 'start PostgreSQL, Temporal and a worker in the background, as far as they are ours',
    example: 'up',
    options: [JSON_OPTION],
  });
  addAction(program, cli, down, {
    usage: 'down',
    summary: 'stop what was started in the background; an open session goes on at the next start',
    example: 'down',
    options: [JSON_OPTION],
  });
  addAction(program, cli, doctor, {
    usage: 'doctor',
    summary: 'check what YokeFlow needs; starts nothing',
    example: 'doctor',
    options: [JSON_OPTION],
  });
}

async function up({ context, hint }: Cli, { json }: JsonOption): Promise<ExitCode> {
  const endpoints = await context.services({ worker: 'needed' });
  // As any command that needs them would.
  await withConnected(endpoints, async () => undefined);
  const { programs, worker } = await serviceStatus(context.env);
  // A shell that knows less, such as that of a nightly job, is no reason to take a key from the worker.
  if (worker && worker.kept.length > 0)
    context.note(
      `the worker keeps ${worker.kept.join(', ')}, which is not set here; to do without: yokeflow down && yokeflow up`,
    );
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

async function down({ context }: Cli, options: JsonOption): Promise<ExitCode> {
  const stopped = await stopServices({ env: context.env, onProgress: (line) => context.note(line) });
  reply(context, stopped ? 'stopped' : 'nothing was running', options);
  return EXIT.ok;
}

async function doctor({ context, hint }: Cli, { json }: JsonOption): Promise<ExitCode> {
  const { env } = context;
  const found = await runChecks(env);
  const worker = workerCheck(await workerPresence(env, await peekTemporal(env)), found);
  const checks = [...found, ...(await schemaChecks(env)), worker].map(({ detail, remedy, ...check }) => ({
    ...check,
    detail: pasteable(detail, hint),
    ...(remedy === undefined ? {} : { remedy: pasteable(remedy, hint) }),
  }));
  // `ok` too: what a script asks is whether anything fails.
  if (json) context.print(JSON.stringify(checks.map((check) => ({ ...check, ok: check.status !== 'fail' }))));
  else context.print(checks.map((check) => checkLine(check, context)).join('\n'));
  return checks.some(({ status }) => status === 'fail') ? EXIT.incomplete : EXIT.ok;
}

/** Nothing where there is no database to ask: that has a line of its own. */
async function schemaChecks(env: NodeJS.ProcessEnv): Promise<Check[]> {
  const databaseUrl = (await peekServices(env))?.databaseUrl;
  if (databaseUrl === undefined) return [];
  const version = await schemaVersion(databaseUrl).catch(() => null);
  return version ? [schemaCheck(version)] : [];
}

function checkLine({ name, status, detail, remedy }: Check, { colours }: Cli['context']): string {
  const marks = { ok: colours.green('ok  '), warn: colours.yellow('warn'), fail: colours.red('FAIL') };
  return `${marks[status]}  ${name}: ${detail}${remedy ? ` (${remedy})` : ''}`;
}
