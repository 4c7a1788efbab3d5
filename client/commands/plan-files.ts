import path from 'node:path';
import { loadPlan } from '../../db/plan/plan-load';
import { resolve } from '../../domain/graph/graph';
import { describePlanErrors } from '../../domain/plan/plan-error';
import { planInFile, stringifyPlan } from '../../domain/plan/plan-export';
import { plural } from '../../domain/plural';
import type { Cli, JsonOption, ReadingOptions } from '../cli/command';
import { withProject } from '../cli/with-project';
import { EXIT, type ExitCode } from '../cli/exit';
import { writeNew } from '../cli/new-file';
import { batchesInOneLine } from '../text/batches';
import { harmlessJson } from '../text/harmless';
import { parsePlanFile } from '../plan/plan-file';
import { planFrom } from '../plan/stored-plan';

const MOST_ERRORS = 20;

/** Checks a plan file and stores nothing: every mistake on a line of its own. */
export async function planValidate({ context }: Cli, file: string, { json }: JsonOption): Promise<ExitCode> {
  const parsed = await parsePlanFile(path.resolve(context.cwd, file), file);
  if (!parsed.ok) {
    if (json) context.print(harmlessJson({ ok: false, errors: parsed.errors }));
    const shown = json ? [] : parsed.errors.slice(0, MOST_ERRORS);
    for (const error of shown) context.note(describePlanErrors([error], file));
    const rest = json ? 0 : parsed.errors.length - shown.length;
    if (rest > 0) context.note(`and ${plural(rest, 'more mistake')}`);
    return EXIT.usage;
  }
  const { project, epics } = parsed.plan;
  const tasks = epics.flatMap((epic) => epic.tasks);
  const { batches } = resolve(tasks);
  if (json)
    context.print(JSON.stringify({ ok: true, project, epics: epics.length, tasks: tasks.length, batches }));
  else
    context.print(
      `${file} is a valid plan of ${project}: ${plural(tasks.length, 'task')} in ${plural(epics.length, 'epic')}\n` +
        `Batches: ${batchesInOneLine(batches)}`,
    );
  return EXIT.ok;
}

interface ExportOptions extends ReadingOptions {
  output?: string;
}

/** The stored plan as a plan file; it never overwrites one. */
export async function planExport(cli: Cli, options: ExportOptions): Promise<ExitCode> {
  const { context } = cli;
  const { output, json } = options;
  return withProject(cli, options, async (db, { id }) => {
    const plan = planFrom(await loadPlan(db, id));
    const text = json ? `${harmlessJson(planInFile(plan))}\n` : stringifyPlan(plan);
    if (output === undefined || output === '-') context.print(text.trimEnd());
    else {
      await writeNew(path.resolve(context.cwd, output), text, output);
      context.note(`written to ${output}`);
    }
    return EXIT.ok;
  });
}
