import type { Command } from 'commander';
import { findEpic } from '../../db/plan/plan-load';
import { listResolutions, type Resolution } from '../../db/landing/merge-attempts';
import { addAction, JSON_OPTION, PROJECT_OPTION, type Cli, type ReadingOptions } from '../cli/command';
import { withProject } from '../cli/with-project';
import { EXIT, type ExitCode } from '../cli/exit';
import { numberOf } from '../cli/numbers';
import type { DroppedLines } from '../../domain/model';
import { droppedText } from '../text/dropped-lines';
import { harmless, harmlessJson } from '../text/harmless';
import { firstLine, shortCommit } from '../text/units';

export function addResolution(program: Command, cli: Cli): void {
  addAction(program, cli, resolution, {
    usage: 'resolution <epic>',
    summary: "how an agent settled an epic's merge: what differs from what git made of it",
    example: 'resolution 2 --project my-app',
    options: [PROJECT_OPTION, JSON_OPTION],
  });
}

async function resolution(cli: Cli, text: string, options: ReadingOptions): Promise<ExitCode> {
  const { context } = cli;
  const epic = numberOf('epic', text);
  return withProject(cli, options, async (db, project) => {
    await findEpic(db, project.id, epic);
    const found = await listResolutions(db, { projectId: project.id, epic });
    if (options.json) context.print(harmlessJson(found));
    else if (found.length === 0) context.print(`no agent has settled a merge of epic ${epic}`);
    else for (const one of found) context.print(resolutionText(one));
    return EXIT.ok;
  });
}

function resolutionText({ agent, commit, files, diff, dropped, task, attempt }: Resolution): string {
  const where = files.map(({ path, kind }) => `${firstLine(path)} (${kind})`).join(', ');
  const what = where ? `resolved the conflict in ${where}` : 'made the merged tree pass';
  const head = `${agent} ${what}: commit ${shortCommit(commit)}, T${task} try ${attempt}`;
  return [head, ...dropped.flatMap(droppedLines), '', harmless(diff)].join('\n');
}

function droppedLines(dropped: DroppedLines): string[] {
  const { count, lines } = dropped;
  const more = count > lines.length ? ['    | ...'] : [];
  const head = `left out, although git had merged it: ${droppedText([dropped])}`;
  return [head, ...lines.map((line) => `    | ${firstLine(line)}`), ...more];
}
