import { Command, CommanderError, type Argument } from 'commander';
import { createCli, type Cli } from './cli/command';
import type { CliContext } from './cli/context';
import { EXIT, UsageError } from './cli/exit';
import { OVERVIEW, type CommandGroup } from './overview';
import { packageVersion } from './cli/version';

/**
 * All commands, none of them run. For a command line, only those that it asks for are complete: of the others there is no
 * more than the help names.
 */
export function buildProgram(cli: Cli, argv?: readonly string[]): Command {
  const program = new Command('yokeflow')
    .description('Runs coding agents on a plan of epics and tasks, in parallel git worktrees, on Temporal.')
    .version(packageVersion(), '--version', 'print the version')
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm: usageOf })
    .addHelpText('after', `\nExample:\n  ${cli.hint('demo')}\n`);
  for (const group of OVERVIEW) {
    if (isAsked(group, argv)) group.load()(program, cli);
    else for (const [usage, summary] of group.commands) program.command(usage).description(summary);
  }
  prepare(program, cli.context);
  return program;
}

/** Without an argument that names one, a command line asks for none of them. */
function isAsked({ commands }: CommandGroup, argv?: readonly string[]): boolean {
  const name = argv?.find((word) => !word.startsWith('-'));
  // The completion of all commands is a command itself.
  if (argv === undefined || name === 'completion') return true;
  return commands.some(([usage]) => usage.split(' ', 1)[0] === name);
}

/** `retry <task>` */
const usageOf = (command: Command): string =>
  [command.name(), ...command.registeredArguments.map(argumentOf)].join(' ');

function argumentOf(argument: Argument): string {
  const word = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${word}>` : `[${word}]`;
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
export async function runCli(given: readonly string[], context: CliContext): Promise<number> {
  const cli = createCli(context);
  // Commander knows `help` of one word only, and takes one that it does not know for none.
  const argv = given[0] === 'help' ? [...given.slice(1), '--help'] : given;
  try {
    const program = buildProgram(cli, argv);
    refuseUnknown(program, argv);
    await program.parseAsync([...argv], { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    // Knows the errors of all layers, and so loads them.
    const { describeFailure } = require('./cli/failure') as typeof import('./cli/failure');
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
