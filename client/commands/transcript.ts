import type { Command } from 'commander';
import { listAttempts, type Attempt } from '../../db/task/attempts';
import type { Queryable } from '../../db/connection/connection';
import { getTask } from '../../db/task/tasks';
import { aborted } from '../cli/aborted';
import { addAction, PROJECT_OPTION, type Cli, type ReadingOptions } from '../cli/command';
import { withProject } from '../cli/with-project';
import { whileSettling } from '../session/settle-watch';
import type { WorkerPresence } from '../session/worker-presence';
import { silenceText } from '../status/live-text';
import { EXIT, UsageError, type ExitCode } from '../cli/exit';
import { numberOf, wholeNumber } from '../cli/numbers';
import { attemptHeading } from '../transcript/attempt-text';
import { title } from '../text/plan-names';
import { readTranscript } from '../transcript/follow';
import { jsonPrinter, textPrinter, type Printer } from '../transcript/printers';

interface TranscriptOptions extends ReadingOptions {
  attempt?: string;
  follow?: boolean;
  full?: boolean;
}

export function addTranscript(program: Command, cli: Cli): void {
  addAction(program, cli, transcript, {
    usage: 'transcript <task>',
    summary: 'what an agent did, turn by turn, and what it cost',
    example: 'transcript 7 --project my-app --follow',
    options: [
      PROJECT_OPTION,
      ['--attempt <n>', 'which try (default: the latest)'],
      ['--follow', 'go on until the try ends'],
      ['--full', 'shorten nothing, and show thinking'],
      ['--json', 'print one entry a line, as JSON'],
    ],
  });
}

async function transcript(cli: Cli, text: string, options: TranscriptOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  const number = numberOf('task', text);
  const wanted = options.attempt === undefined ? null : wholeNumber('--attempt', options.attempt);
  return withProject(cli, options, async (db, project, { temporal }) => {
    const task = await getTask(db, { projectId: project.id, task: number });
    const again = hint('transcript', number, '--project', project.name, '--follow');
    const attempts = await listAttempts(db, task.id);
    if (attempts.length === 0)
      throw new UsageError(`T${number} was not tried yet: see ${hint('status', '--project', project.name)}`);
    const attempt = wanted === null ? attempts.at(-1)! : attempts.find((one) => one.number === wanted);
    if (!attempt)
      throw new UsageError(`--attempt: T${number} has no try ${wanted}; it has 1 to ${attempts.length}`);
    const heading = `T${number} ${title(task.description)}: ${attemptHeading(attempt, attempts.length)}`;
    const printer = options.json
      ? jsonPrinter(context, attempt)
      : textPrinter(context, { heading, again, full: options.full === true });
    const read = () =>
      context.interruptible((signal) => show(cli, db, { attempt, printer, options, signal }));
    if (!options.follow || attempt.status !== 'running') return read();
    const onNoWorker = (worker: WorkerPresence) => context.note(silenceText(worker, hint));
    return whileSettling({ db, temporal, sessionId: attempt.sessionId, env: context.env, onNoWorker }, read);
  });
}

interface Showing {
  attempt: Attempt;
  printer: Printer;
  options: TranscriptOptions;
  signal: AbortSignal;
}

async function show(
  { context }: Cli,
  db: Queryable,
  { attempt, printer, options, signal }: Showing,
): Promise<ExitCode> {
  const read = readTranscript(db, attempt.id, {
    onEntry: (entry) => printer.entry(entry),
    onNotice: (line) => context.note(line),
    follow: options.follow === true,
    signal,
  });
  const last = await Promise.race([read, aborted(signal).then(() => attempt)]);
  printer.end(last);
  return signal.aborted && last.status === 'running' ? EXIT.detached : EXIT.ok;
}
