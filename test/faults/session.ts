import { setTimeout as sleep } from 'node:timers/promises';
import type { ReportFacts } from '../../client/report/facts';
import type { SessionSummary } from '../../db/session/summary';
import type { RunInput } from '../../domain/session/run-input';
import { brokenInGit } from '../chaos/check-git';
import { brokenRecords, lastRecords } from '../chaos/check-records';
import type { Scenario } from '../chaos/scenario';
import { cli, endpointsOf } from '../client/captured-cli';
import { testTemporal } from '../support/services';
import { endOf, startSystem, type System } from '../support/system';
import { DOUBLES, type AgentDouble, type Kind } from './agent-double';
import { failingSignals } from './failing-signals';
import { failGit } from './failing-git';
import { occasions, type Choice } from './occasions';
import { openPostgresProxy, type PostgresProxy } from './postgres-proxy';
import { smallScenario, TASKS } from './scenario';

export const FAULTS = {
  statement: 'a statement does not reach PostgreSQL',
  answer: 'the answer to a statement that changed something is lost',
  git: 'a git command fails',
  signal: 'a signal to a workflow does not reach Temporal',
  sent: 'the answer to such a signal is lost',
};
export type What = keyof typeof FAULTS;

/** What fails in a session. */
export interface Fault extends Choice {
  what: What;
}

export interface FaultReport {
  /** What failed, out of how many of its kind, to read and to repeat. */
  story: string;
  /** Broken invariants, in words. */
  broken: string[];
}

const ENDS_WITHIN_MS = 180_000;

/** Runs one session in which some of the worker's work with others fails, and looks at what came of it. */
export async function runWithFault(kind: Kind, fault: Fault): Promise<FaultReport> {
  const double = await DOUBLES[kind]();
  const scenario = await smallScenario(kind, double);
  const chosen = (what: What) => occasions(what === fault.what ? fault : null);
  const could = {
    ...{ statement: chosen('statement'), answer: chosen('answer'), git: chosen('git') },
    ...{ signal: chosen('signal'), sent: chosen('sent') },
  };
  const gitAgain = failGit(scenario.repository, could.git);
  let proxy: PostgresProxy | undefined;
  const { environment, secrets } = double;
  const system = await startSystem({
    environment,
    secrets,
    workersUrl: async (url) => {
      proxy = await openPostgresProxy(url, { before: could.statement, after: could.answer });
      return proxy.url;
    },
    interceptors: failingSignals({ before: could.signal, after: could.sent }),
  });
  try {
    await system.import(scenario.plan, scenario.repository);
    const started = Date.now();
    const broken = await brokenEnd(system, scenario.input);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    gitAgain();
    broken.push(...(await brokenRecords(system.db, scenario)), ...(await double.broken(system.db)));
    broken.push(...(await brokenViews(system, scenario, double)), ...(await brokenInGit(scenario)));
    if (broken.length) broken.push(...(await lastRecords(system.db)));
    const of = could[fault.what];
    const story = `${kind} ${fault.what} ${fault.at}: ${seconds} s, of ${of.count()} failed ${of.taken.join(' | ')}`;
    return { story, broken };
  } finally {
    gitAgain();
    await system.close();
    await proxy!.close();
    await double.close();
  }
}

async function brokenEnd(system: System, input: RunInput): Promise<string[]> {
  const handle = await system.start(input);
  const ended = await Promise.race([endOf(handle.result()), sleep(ENDS_WITHIN_MS, null, { ref: false })]);
  if (ended?.outcome === 'complete') return [];
  if (ended) return [`the session ended as ${ended.outcome}: ${ended.message}`];
  await handle.terminate();
  return [`the session did not end within ${ENDS_WITHIN_MS / 1000} s`];
}

/** What people are told of the session. */
async function brokenViews(
  system: System,
  { input: { project } }: Scenario,
  { costUnknown = false }: AgentDouble,
): Promise<string[]> {
  const endpoints = endpointsOf(system.databaseUrl, testTemporal().address);
  const told = async <T>(command: string) =>
    JSON.parse((await cli([command, '--project', project, '--json'], endpoints)).stdout) as T;
  const status = await told<Pick<ReportFacts, 'steps'> & SessionSummary>('status');
  const report = await told<ReportFacts>('report');
  const view = {
    status: status.session.status,
    costUnknown: status.session.costUnknown,
    tasks: status.tasks.complete,
    steps: status.steps,
    tries: report.attempts
      .filter((attempt) => attempt.purpose === 'task' || attempt.status !== 'complete')
      .map((attempt) => `${attempt.purpose} ${attempt.status}`),
    merged: report.summary.epics.filter(({ worktree }) => worktree?.mergeCommit).length,
  };
  const whole = {
    status: 'complete',
    costUnknown,
    tasks: TASKS.length,
    steps: [],
    tries: TASKS.map(() => 'task complete'),
    merged: 2,
  };
  const [is, must] = [JSON.stringify(view), JSON.stringify(whole)];
  return is === must ? [] : [`status and report: ${is} instead of ${must}`];
}
