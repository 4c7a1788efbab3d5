import type { Command } from 'commander';
import { getTask } from '../../db/task/tasks';
import { chooseProject } from '../cli/choose-project';
import {
  addCommand,
  exitWith,
  JSON_OPTION,
  PROJECT_OPTION,
  type Cli,
  type ReadingOptions,
} from '../cli/command';
import { withDatabase } from '../cli/connect';
import { EXIT, type ExitCode } from '../cli/exit';
import { numberOf } from '../cli/numbers';
import { storyJson } from '../story/story-json';
import { storyText } from '../story/story-text';
import { taskStory } from '../story/task-story';

export function addShow(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: 'show <task>',
    summary: 'the story of a task: tries, turns, cost, what it changed, where it landed',
    example: 'show 7 --project my-app',
  })
    .option(...PROJECT_OPTION)
    .option(...JSON_OPTION)
    .action(exitWith(cli, (task: string, options: ReadingOptions) => show(cli, task, options)));
}

async function show({ context, hint }: Cli, text: string, options: ReadingOptions): Promise<ExitCode> {
  const number = numberOf('task', text);
  return withDatabase(context, async (db) => {
    const project = await chooseProject(db, options.project, hint);
    const task = await getTask(db, { projectId: project.id, task: number });
    const story = await taskStory(db, project, task);
    context.print(
      options.json
        ? JSON.stringify(storyJson(story), null, 2)
        : storyText(story, { project: project.name, hint }),
    );
    return EXIT.ok;
  });
}
