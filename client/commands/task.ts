import type { Command } from 'commander';
import { createTask } from '../../db/plan/plan-edit';
import { findEpic } from '../../db/plan/plan-load';
import { findOpenSession } from '../../db/session/sessions';
import { isModelName, MODEL_NAME } from '../../domain/cost/models';
import { AGENTS, DEPENDENCY_TYPES } from '../../domain/model';
import { MAX_ID } from '../../domain/numbers';
import { announceTo } from '../plan/announce-plan';
import {
  addAction,
  addCommand,
  JSON_OPTION,
  PROJECT_OPTION,
  required,
  type Cli,
  type ReadingOptions,
} from '../cli/command';
import { withProject } from '../cli/with-project';
import { EXIT, UsageError, type ExitCode } from '../cli/exit';
import { numberList, wholeNumber } from '../cli/numbers';
import { LINE_BREAK } from '../text/units';

interface AddOptions extends ReadingOptions {
  epic: string;
  description: string;
  action: string;
  priority?: string;
  dependsOn?: string;
  dependencyType?: string;
  agent?: string;
  model?: string;
}

export function addTask(program: Command, cli: Cli): void {
  const task = addCommand(program, cli, {
    usage: 'task',
    summary: 'change single tasks of a plan',
    example: [
      'task',
      'add',
      '--epic',
      '2',
      '--description',
      'Log out',
      '--action',
      'Add a route that ends the session',
    ],
  });
  addAction(task, cli, add, {
    usage: 'add',
    summary: 'add a task to an epic',
    example: [
      ...['task', 'add', '--epic', '2', '--depends-on', '5'],
      ...['--description', 'Log out', '--action', 'Add a route that ends the session'],
    ],
    options: [
      PROJECT_OPTION,
      required('--epic <number>', 'the epic that it belongs to'),
      required('--description <text>', 'what it is, in a few words'),
      required('--action <text>', 'what the agent is to do'),
      ['--priority <n>', 'lower goes first (default: 100)'],
      ['--depends-on <tasks>', 'tasks that come before it, such as 1,2'],
      ['--dependency-type <type>', 'hard (it waits for them) or soft (default: hard)'],
      ['--agent <name>', 'who does it'],
      ['--model <name>', 'with which model'],
      JSON_OPTION,
    ],
  });
}

async function add(cli: Cli, options: AddOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  const epic = wholeNumber('--epic', options.epic);
  const task = {
    description: oneLine('--description', options.description),
    action: filled('--action', options.action),
    priority:
      options.priority === undefined ? undefined : wholeNumber('--priority', options.priority, -MAX_ID),
    dependsOn: options.dependsOn === undefined ? [] : numberList('--depends-on', options.dependsOn),
    dependencyType: oneOf('--dependency-type', DEPENDENCY_TYPES, options.dependencyType),
    agent: oneOf('--agent', AGENTS, options.agent),
    model: options.model === undefined ? undefined : modelName(options.model),
  };
  if (options.dependencyType !== undefined && options.dependsOn === undefined)
    throw new UsageError('--dependency-type says how it depends on others: give these by --depends-on');
  return withProject(cli, options, async (db, { id: projectId, name }, { temporal }) => {
    const { id: epicId } = await findEpic(db, projectId, epic);
    const { number } = await createTask(db, { projectId, epicId, ...task });
    if (options.json) context.print(JSON.stringify({ project: name, epic, task: number }));
    else context.print(`T${number} added to epic ${epic} of ${name}`);
    const session = await findOpenSession(db, projectId);
    if (session) context.note(await announceTo(session.id, db, temporal, name, hint));
    return EXIT.ok;
  });
}

function filled(option: string, text: string): string {
  if (text.trim() !== '' && !text.includes('\0')) return text;
  throw new UsageError(`${option} must be text, got an empty one`);
}

function modelName(text: string): string {
  if (isModelName(text)) return text;
  throw new UsageError(`--model must be ${MODEL_NAME}, got "${text}"`);
}

/** A plan file may have more lines here. From a shell they are what was meant for --action. */
function oneLine(option: string, text: string): string {
  if (!LINE_BREAK.test(text)) return filled(option, text);
  throw new UsageError(`${option} must be one line: give the rest as --action`);
}

function oneOf<const T extends string>(option: string, known: readonly T[], text?: string): T | undefined {
  if (text === undefined) return undefined;
  const value = known.find((one) => one === text);
  if (value) return value;
  throw new UsageError(`${option} must be one of ${known.join(', ')}, got "${text}"`);
}
