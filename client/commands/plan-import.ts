import path from 'node:path';
import type { Database } from '../../db/connection/connection';
import { rehearse } from '../../db/connection/rehearse';
import { resolve } from '../../domain/graph/graph';
import type { Plan } from '../../domain/plan/plan';
import { inspectRepository } from '../../git/repository/repository';
import type { TemporalEndpoint } from '../../services';
import { announceTo } from '../plan/announce-plan';
import type { Cli, JsonOption } from '../cli/command';
import { withDatabase } from '../cli/connect';
import { EXIT, type ExitCode } from '../cli/exit';
import { givenPath } from '../cli/given-path';
import { importInto, type PlanPlace } from '../plan/import-plan';
import { importText } from '../plan/import-text';
import { readPlan } from '../plan/plan-file';

interface ImportOptions extends JsonOption {
  repo?: string;
  base?: string;
  dryRun?: boolean;
}

export async function planImport(cli: Cli, file: string, options: ImportOptions): Promise<ExitCode> {
  const { context } = cli;
  const plan = await readPlan(path.resolve(context.cwd, file), file);
  const { repo, base: baseBranch, json, dryRun } = options;
  const repository = repo === undefined ? undefined : givenPath('--repo', repo, context.cwd);
  // What is wrong here is told before any service is started.
  if (repository) await inspectRepository(repository, baseBranch === undefined ? {} : { baseBranch });
  return withDatabase(context, (db, { temporal }) =>
    importAndTell(cli, { db, temporal }, { plan, repository, baseBranch, json, dryRun }),
  );
}

interface Importing extends PlanPlace {
  plan: Plan;
  json?: boolean | undefined;
  dryRun?: boolean | undefined;
}

/** Stores a plan, says what came of it, and tells the session that is open; or only says what would come of it. */
export async function importAndTell(
  { context, hint }: Cli,
  { db, temporal }: { db: Database; temporal: TemporalEndpoint },
  { plan, json, dryRun = false, ...place }: Importing,
): Promise<ExitCode> {
  const imported = dryRun
    ? await rehearse(db, (tx) => importInto(tx, plan, place))
    : await importInto(db, plan, place);
  const { batches } = resolve(plan.epics.flatMap((epic) => epic.tasks));
  if (json) context.print(JSON.stringify({ project: plan.project, dryRun, ...imported, batches }));
  else context.print(importText({ plan, imported, batches, dryRun, hint }));
  if (imported.openSession !== null && !dryRun)
    context.note(await announceTo(imported.openSession, db, temporal, plan.project, hint));
  return EXIT.ok;
}
