import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { findProject, type Project } from '../../db/project/projects';
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
  repo?: string;
  base?: string;
  json?: boolean;
}

export async function planImport(
  { context, hint }: Cli,
  file: string,
  options: ImportOptions,
): Promise<ExitCode> {
  const plan = await readPlan(path.resolve(context.cwd, file), file);
  const repo = options.repo === undefined ? undefined : path.resolve(context.cwd, options.repo);
  // What is wrong here is told before any service is started.
  if (repo !== undefined) await inspect(repo, options.base);
  return withDatabase(context, async (db, { temporal }) => {
    const known = await findProject(db, plan.project);
    if (repo === undefined && known === null)
      throw new UsageError(
        `--repo is needed: there is no project ${plan.project} yet. Give the path of its git repository`,
      );
    const inspected = await inspectFor(known, repo ?? known!.repoPath, options.base);
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

const inspect = (repo: string, baseBranch: string | undefined) =>
  inspectRepository(repo, baseBranch === undefined ? {} : { baseBranch });

/** A base branch that was given once stays until another one is. */
async function inspectFor(known: Project | null, repo: string, base: string | undefined) {
  const inspected = await inspect(repo, base);
  if (base !== undefined || known?.gitDir !== inspected.repository.gitDir) return inspected;
  return inspect(repo, known.baseBranch);
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
