import type { Command } from 'commander';
import { getTask } from '../../db/task/tasks';
import { addAction, JSON_OPTION, PROJECT_OPTION, type Cli, type ReadingOptions } from '../cli/command';
import { withProject } from '../cli/with-project';
import { EXIT, type ExitCode } from '../cli/exit';
import { numberOf } from '../cli/numbers';
import { storyJson } from '../story/story-json';
import { storyText } from '../story/story-text';
import { taskStory } from '../story/task-story';

export function addShow(program: Command, cli: Cli): void {
  addAction(program, cli, show, {
    usage: 'show <task>',
    summary: 'the story of a task: tries, turns, cost, what it changed, where it landed',
    example: 'show 7 --project my-app',
    options: [PROJECT_OPTION, JSON_OPTION],
  });
}

async function show(cli: Cli, text: string, options: ReadingOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  const number = numberOf('task', text);
  return withProject(cli, options, async (db, project) => {
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
