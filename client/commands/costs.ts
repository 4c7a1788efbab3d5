import type { Command } from 'commander';
import { costReport } from '../../db/cost/cost-report';
import type { Queryable } from '../../db/connection/connection';
import type { Project } from '../../db/project/projects';
import { listSessions } from '../../db/session/sessions';
import { chooseProject } from '../cli/choose-project';
import { ownSession } from '../cli/choose-session';
import {
  addCommand,
  exitWith,
  JSON_OPTION,
  PROJECT_OPTION,
  type Cli,
  type ReadingOptions,
} from '../cli/command';
import { withDatabase } from '../cli/connect';
import { groupRows } from '../costs/cost-total';
import { EXIT, type ExitCode } from '../cli/exit';
import { wholeNumber } from '../cli/numbers';
import type { Hint } from '../text/hint';
import { sessionCostsJson, totalJson } from '../costs/costs-json';
import { projectCostsText } from '../costs/costs-text';
import { projectTotal, sessionCosts, type SessionCosts } from '../costs/session-costs';

interface CostsOptions extends ReadingOptions {
  session?: string;
}

export function addCosts(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: 'costs',
    summary: 'tokens and USD by session, epic, task, try and model',
    example: 'costs --project my-app',
  })
    .option(...PROJECT_OPTION)
    .option('--session <n>', 'only this session (default: the latest in full, the others with a line each)')
    .option(...JSON_OPTION)
    .action(exitWith(cli, (options: CostsOptions) => costs(cli, options)));
}

async function costs({ context, hint }: Cli, options: CostsOptions): Promise<ExitCode> {
  const only = options.session === undefined ? undefined : wholeNumber('--session', options.session);
  return withDatabase(context, async (db) => {
    const project = await chooseProject(db, options.project, hint);
    const sessions = await costsOf(db, project, { only, hint });
    if (options.json) {
      const all = { project: project.name, ...totalJson(projectTotal(sessions)) };
      context.print(JSON.stringify({ ...all, sessions: sessions.map(sessionCostsJson) }, null, 2));
    } else context.print(projectCostsText(sessions));
    return EXIT.ok;
  });
}

const MOST_SESSIONS = 10_000;

/** The latest first. */
async function costsOf(
  db: Queryable,
  project: Project,
  { only, hint }: { only: number | undefined; hint: Hint },
): Promise<SessionCosts[]> {
  const sessions =
    only === undefined
      ? await listSessions(db, project.name, MOST_SESSIONS)
      : [await ownSession(db, project, only, hint)];
  const rows = await costReport(db, { projectId: project.id, sessionId: only });
  const bySession = new Map(groupRows(rows, (row) => row.session));
  return sessions.map((session) => sessionCosts(session, bySession.get(session.id) ?? []));
}
