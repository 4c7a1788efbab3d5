import type { Command } from 'commander';
import { costReport } from '../../db/cost/cost-report';
import type { Queryable } from '../../db/connection/connection';
import type { Project } from '../../db/project/projects';
import { listSessions } from '../../db/session/sessions';
import { ownSession } from '../cli/choose-session';
import { addAction, JSON_OPTION, PROJECT_OPTION, type Cli, type ReadingOptions } from '../cli/command';
import { withProject } from '../cli/with-project';
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
  addAction(program, cli, costs, {
    usage: 'costs',
    summary: 'tokens and USD by session, epic, task, try and model',
    example: 'costs --project my-app',
    options: [
      PROJECT_OPTION,
      ['--session <n>', 'only this session (default: the latest in full, the others with a line each)'],
      JSON_OPTION,
    ],
  });
}

async function costs(cli: Cli, options: CostsOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  const only = options.session === undefined ? undefined : wholeNumber('--session', options.session);
  return withProject(cli, options, async (db, project) => {
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
