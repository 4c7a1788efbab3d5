import type { Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chooseProject } from '../cli/choose-project';
import { sessionOf } from '../cli/choose-session';
import { addCommand, exitWith, PROJECT_OPTION, type Cli, type ReadingOptions } from '../cli/command';
import { withDatabase } from '../cli/connect';
import { EXIT, UsageError, type ExitCode } from '../cli/exit';
import { wholeNumber } from '../cli/numbers';
import { loadFacts } from '../report/facts';
import { reportPage } from '../report/page';

interface ReportOptions extends ReadingOptions {
  session?: string;
  output?: string;
}

export function addReport(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: 'report',
    summary:
      'one HTML page about a session, the latest unless told otherwise: timeline, graph, costs, failures',
    example: 'report --project my-app --output report.html',
  })
    .option(...PROJECT_OPTION)
    .option('--session <n>', 'of this session')
    .option(
      '--output <file>',
      'where it goes; - is the standard output (default: yokeflow-<project>-<n>.html)',
    )
    .option('--json', 'what the page tells, as JSON, on the standard output unless --output names a file')
    .action(exitWith(cli, (options: ReportOptions) => report(cli, options)));
}

async function report({ context, hint }: Cli, options: ReportOptions): Promise<ExitCode> {
  const only = options.session === undefined ? undefined : wholeNumber('--session', options.session);
  return withDatabase(context, async (db) => {
    const project = await chooseProject(db, options.project, hint);
    const session = await sessionOf(db, project, { only, hint });
    const facts = await loadFacts(db, session, hint);
    const text = options.json ? `${JSON.stringify(facts)}\n` : reportPage(facts);
    const output = options.output ?? (options.json ? '-' : undefined);
    if (output === '-') {
      context.print(text.trimEnd());
      return EXIT.ok;
    }
    const file = path.resolve(context.cwd, output ?? `yokeflow-${project.name}-${session.id}.html`);
    await writeFile(file, text).catch((cause: Error) => {
      throw new UsageError(`--output: ${file} cannot be written (${cause.message}): give another file`, {
        cause,
      });
    });
    context.print(file);
    return EXIT.ok;
  });
}
