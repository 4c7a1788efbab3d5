import { Command } from 'commander';
import { createCli, type Cli } from './command';
import { addBudget } from './commands/budget';
import { addCompletion } from './commands/completion';
import { addCosts } from './commands/costs';
import { addDemo } from './commands/demo';
import { addEvents } from './commands/events';
import { addMcp } from './commands/mcp';
import { addMerge } from './commands/merge';
import { addNotify } from './commands/notify';
import { addPlan } from './commands/plan';
import { addReport } from './commands/report';
import { addResolution } from './commands/resolution';
import { addRun } from './commands/run';
import { addSchedule } from './commands/schedule';
import { addServices } from './commands/services';
import { addShow } from './commands/show';
import { addSteering } from './commands/steering';
import { addStatus } from './commands/status';
import { addTask } from './commands/task';
import { addTemporal } from './commands/temporal';
import { addTranscript } from './commands/transcript';
import { addWatch } from './commands/watch';
import { addWorker } from './commands/worker';
import { addWorktrees } from './commands/worktrees';
import type { CliContext } from './context';
import { UsageError } from './exit';
import { describeFailure } from './failure';
import { packageVersion } from './version';

/** All commands, none of them run. */
export function buildProgram(cli: Cli): Command {
  const program = new Command('yokeflow')
    .description('Runs coding agents on a plan of epics and tasks, in parallel git worktrees, on Temporal.')
    .version(packageVersion(), '--version', 'print the version')
    .enablePositionalOptions()
    .addHelpText('after', `\nExample:\n  ${cli.hint('demo')}\n`);
  const working = [
    addDemo,
    addPlan,
    addTask,
    addRun,
    addSteering,
    addBudget,
    addMerge,
    addWorktrees,
    addSchedule,
    addNotify,
    addMcp,
    addCompletion,
  ];
  const reading = [
    addStatus,
    addWatch,
    addShow,
    addEvents,
    addTranscript,
    addResolution,
    addCosts,
    addReport,
  ];
  for (const add of [...working, ...reading, addServices, addWorker, addTemporal]) add(program, cli);
  prepare(program, cli.context);
  return program;
}

/** Errors are thrown, not printed: what is told of them is decided in one place. */
function prepare(command: Command, context: CliContext): void {
  command.configureOutput({
    writeOut: (text) => context.print(text.trimEnd()),
    writeErr: () => undefined,
  });
  command.exitOverride((error) => {
    if (error.code === 'commander.help' && error.exitCode !== 0) throw commandMissing(command);
    throw error;
  });
  for (const subcommand of command.commands) prepare(subcommand, context);
}

/** With `--help` an unknown command would get the help of what comes before it. */
function refuseUnknown(program: Command, argv: readonly string[]): void {
  if (!argv.includes('--help') && !argv.includes('-h')) return;
  let command = program;
  for (const word of argv) {
    if (word.startsWith('-') || word === 'help' || command.commands.length === 0) return;
    const next = command.commands.find((known) => known.name() === word);
    if (!next) throw new UsageError(`unknown command '${word}' (see --help)`);
    command = next;
  }
}

function commandMissing(command: Command): UsageError {
  const known = command.commands.map((subcommand) => subcommand.name()).join(', ');
  return new UsageError(`${command.name()} needs a command: ${known} (see --help)`);
}

/** Runs one command line and returns the exit code. Never throws; errors become one line on stderr. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  const cli = createCli(context);
  try {
    const program = buildProgram(cli);
    refuseUnknown(program, argv);
    await program.parseAsync([...argv], { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    const { code, message } = describeFailure(error);
    if (message !== null) cli.context.note(`yokeflow: ${message}`);
    if (context.env.YOKEFLOW_DEBUG && message !== null) context.note(stackOf(error));
    return code;
  }
}

export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
