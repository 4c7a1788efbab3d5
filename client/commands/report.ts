import type { Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sessionOf } from '../cli/choose-session';
import { addAction, PROJECT_OPTION, type Cli, type ReadingOptions } from '../cli/command';
import { withProject } from '../cli/with-project';
import { EXIT, UsageError, type ExitCode } from '../cli/exit';
import { wholeNumber } from '../cli/numbers';
import { mayGiveWay } from '../report/earlier-report';
import { loadFacts } from '../report/facts';
import { reportPage } from '../report/page';

interface ReportOptions extends ReadingOptions {
  session?: string;
  output?: string;
}

export function addReport(program: Command, cli: Cli): void {
  addAction(program, cli, report, {
    usage: 'report',
    summary:
      'one HTML page about a session, the latest unless told otherwise: timeline, graph, costs, failures',
    example: 'report --project my-app --output report.html',
    options: [
      PROJECT_OPTION,
      ['--session <n>', 'of this session'],
      ['--output <file>', 'where it goes; - is the standard output (default: yokeflow-<project>-<n>.html)'],
      ['--json', 'what the page tells, as JSON, on the standard output unless --output names a file'],
    ],
  });
}

async function report(cli: Cli, options: ReportOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  const only = options.session === undefined ? undefined : wholeNumber('--session', options.session);
  return withProject(cli, options, async (db, project) => {
    const session = await sessionOf(db, project, { only, hint });
    const facts = await loadFacts(db, session, hint);
    const text = options.json ? `${JSON.stringify(facts)}\n` : reportPage(facts);
    const output = options.output ?? (options.json ? '-' : undefined);
    if (output === '-') {
      context.print(text.trimEnd());
      return EXIT.ok;
    }
    const file = path.resolve(context.cwd, output ?? `yokeflow-${project.name}-${session.id}.html`);
    const unwritable = (cause: Error) => {
      throw new UsageError(`--output: ${file} cannot be written (${cause.message}): give another file`, {
        cause,
      });
    };
    if (!(await mayGiveWay(file).catch(unwritable)))
      throw new UsageError(`--output: ${file} is there, and is no report: give another file, or remove it`);
    await writeFile(file, text).catch(unwritable);
    context.print(file);
    return EXIT.ok;
  });
}
