import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../../db/connection/connection';
import type { AgentName } from '../../domain/model';
import { fakeCli } from '../agents/cli/fake-cli';
import { chaosModel } from '../chaos/chaos-model';
import { brokenCosts } from '../chaos/check-cost';
import { startAnthropic } from '../support/anthropic-mock';
import { temporaryFolder } from '../support/git-repository';
import { DONE, TASKS } from './scenario';

/** An agent that costs nothing, works quickly, and knows how often it worked. */
export interface AgentDouble {
  environment: NodeJS.ProcessEnv;
  secrets: string[];
  /** What the plan says that it is to do: it leaves `DONE` in `f<task>`. */
  action(task: number): string;
  /** What else it leaves on the base branch. */
  files?: Record<string, string>;
  /** Nobody knows what it costs. */
  costUnknown?: boolean;
  /** What was done or paid more than once, or is not on record as it was. */
  broken(db: Database): Promise<string[]>;
  close(): Promise<void>;
}

const ONCE = TASKS.map((task) => `T${task}`);

const ranOnce = (ran: string[]): string[] =>
  ran.sort().join() === ONCE.join() ? [] : [`worked on ${ran.join()} instead of once on each task`];

const linesOf = async (file: string): Promise<string[]> => (await readFile(file, 'utf8')).trim().split('\n');

async function script(): Promise<AgentDouble> {
  const log = join(await temporaryFolder(), 'log');
  return {
    environment: process.env,
    secrets: [],
    action: (task) => `echo T${task} >> ${log}; echo "${DONE}" > f${task}`,
    broken: async () => ranOnce(await linesOf(log)),
    close: async () => undefined,
  };
}

/** Two of its tasks change the same line, and it settles that. Both have begun before one lands: else there is nothing to settle. */
async function command(): Promise<AgentDouble> {
  const folder = await temporaryFolder();
  const [program, log] = [join(folder, 'agent.sh'), join(folder, 'log')];
  await writeFile(
    program,
    `case "$(cat)" in
      *"Resolve a merge conflict"*)
        echo merge >> ${log}
        sed -i '/^[<=>|]\\{7\\}/d' a.txt; sort -o a.txt a.txt; git add a.txt ;;
      *)
        echo T$YOKEFLOW_TASK >> ${log}
        test $YOKEFLOW_TASK != 2 || until grep -q T3 ${log}; do sleep 0.05; done
        echo "${DONE}" > f$YOKEFLOW_TASK; test $YOKEFLOW_TASK = 1 || echo $YOKEFLOW_TASK >> a.txt ;;
    esac`,
  );
  return {
    environment: { ...process.env, YOKEFLOW_AGENT_COMMAND: `sh ${program}` },
    secrets: [],
    action: (task) => `Write f${task}`,
    files: { 'a.txt': '1\n2\n3' },
    costUnknown: true,
    async broken(db) {
      const ran = await linesOf(log);
      const merges = ran.filter((what) => what === 'merge').length;
      const { rows } = await db.query<{ mend: string }>(
        `select data ->> 'mend' as mend from yokeflow.events where data ? 'mend' order by seq`,
      );
      const told = rows.map(({ mend }) => mend).join();
      return [
        ...ranOnce(ran.filter((what) => what !== 'merge')),
        ...(merges === 1 ? [] : [`settled the merge ${merges} times`]),
        ...(told === 'started,done' ? [] : [`of settling the merge is told: ${told}`]),
      ];
    },
    close: async () => undefined,
  };
}

/** The model of the chaos suite: three turns with a tool each, and one to say that it is done. */
async function claude(): Promise<AgentDouble> {
  const api = await startAnthropic({ script: chaosModel });
  return {
    environment: { ...process.env, ANTHROPIC_API_KEY: api.apiKey, ANTHROPIC_BASE_URL: api.baseUrl },
    secrets: [api.apiKey],
    action: (task) => `Write f${task}`,
    broken: async (db) => (await brokenCosts(db, api, { kills: 0, agents: 0 })).broken,
    close: () => api.close(),
  };
}

const COST_USD = 0.01;

async function claudeCode(): Promise<AgentDouble> {
  const cli = await fakeCli('claude');
  const message = { id: 'm', model: 'claude-sonnet-5-5', content: [{ type: 'text', text: 'Done.' }] };
  const usage = { input_tokens: 1_000, output_tokens: 50 };
  const result = { subtype: 'success', is_error: false, result: 'Done.', total_cost_usd: COST_USD };
  await cli.plan([
    { run: `echo "${DONE}" > f$YOKEFLOW_TASK` },
    { emit: { type: 'assistant', uuid: 'a', message: { ...message, usage } } },
    { emit: { type: 'result', uuid: 'r', ...result } },
  ]);
  return {
    environment: { ...process.env, ...cli.environment },
    secrets: [],
    action: (task) => `Write f${task}`,
    async broken(db) {
      const { rows } = await db.query<{ usd: number }>(
        'select total_cost_nano / 1e9 as usd from yokeflow.sessions',
      );
      const charged = rows.map(({ usd }) => usd).join();
      const paid = String(COST_USD * TASKS.length);
      return [
        ...ranOnce((await cli.calls()).map(({ env }) => `T${env.YOKEFLOW_TASK}`)),
        ...(charged === paid ? [] : [`${charged} USD charged instead of ${paid}`]),
      ];
    },
    close: () => cli.remove(),
  };
}

export const DOUBLES = { script, command, claude, 'claude-code': claudeCode } satisfies Partial<
  Record<AgentName, () => Promise<AgentDouble>>
>;
export type Kind = keyof typeof DOUBLES;
