import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { resolve } from '../../domain/graph/graph';
import type { Plan } from '../../domain/plan/plan';
import { describePlanErrors } from '../../domain/plan/plan-error';
import { parsePlan } from '../../domain/plan/plan-parse';
import { inspectRepository } from '../../git/repository/repository';
import { announcePlan } from '../plan/announce-plan';
import type { Cli } from '../cli/command';
import { withDatabase } from '../cli/connect';
import { EXIT, UsageError, type ExitCode } from '../cli/exit';
import { importInto } from '../plan/import-plan';
import { importText } from '../plan/import-text';

export interface ImportOptions {
  repo: string;
  base?: string;
  json?: boolean;
}

export async function planImport(
  { context, hint }: Cli,
  file: string,
  options: ImportOptions,
): Promise<ExitCode> {
  const plan = await readPlan(path.resolve(context.cwd, file), file);
  const inspected = await inspectRepository(path.resolve(context.cwd, options.repo), {
    ...(options.base === undefined ? {} : { baseBranch: options.base }),
  });
  return withDatabase(context, async (db, { temporal }) => {
    const imported = await importInto(db, { plan, ...inspected });
    const { batches } = resolve(plan.epics.flatMap((epic) => epic.tasks));
    if (options.json) context.print(JSON.stringify({ project: plan.project, ...imported, batches }));
    else context.print(importText({ plan, imported, batches, hint }));
    if (imported.openSession !== null)
      context.note(
        `session ${imported.openSession} is open: ${await announcePlan(temporal, plan.project, hint)}`,
      );
    return EXIT.ok;
  });
}

/** @param name the file as the person wrote it, for messages */
export async function readPlan(file: string, name: string): Promise<Plan> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${name}: ${unreadable(error)}`);
  });
  const parsed = parsePlan(text, name);
  if (!parsed.ok) throw new UsageError(describePlanErrors(parsed.errors, name));
  return parsed.plan;
}

function unreadable({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file: give the path of a plan file';
  if (code === 'EISDIR') return 'is a folder: give the path of a plan file';
  if (code === 'EACCES') return 'may not be read: check its permissions';
  return `cannot be read (${message}): give the path of a plan file`;
}
