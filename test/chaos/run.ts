import { setTimeout as sleep } from 'node:timers/promises';
import { importInto } from '../../client/plan/import-plan';
import { RUN_PROJECT, sessionWorkflowId } from '../../workflows/messages';
import { TASK_QUEUE } from '../../domain/session/task-queue';
import { startAnthropic, type AnthropicMock } from '../support/anthropic-mock';
import { connectTemporal, type TemporalHarness } from '../support/temporal';
import { chaosModel } from './chaos-model';
import { brokenCosts } from './check-cost';
import { brokenInGit } from './check-git';
import { brokenRecords, lastRecords, openWorkflows } from './check-records';
import { killsOf, wreakHavoc } from './havoc';
import { startRig, type Rig } from './rig';
import { agentScenario, caseScenario, scriptScenario, type Scenario } from './scenario';

export interface ChaosOptions {
  seed: number;
  scenario: 'script' | 'agent' | { folder: string; tree: string };
  /** How many at most: a session that ends before is left in peace. */
  kills: number;
  endsWithinMs: number;
}

export interface ChaosReport {
  /** What it was and what was killed when, to read and to repeat. */
  story: string;
  /** Broken invariants, in words. */
  broken: string[];
}

const DEFAULT_AGENTS = 3;

/** One session in three goes on with a fresh history again and again, as only large plans do. */
const drains = (seed: number): boolean => seed % 3 === 0;
const DRAIN_AT_EVENTS = 80;

/** Runs one session on servers and workers of its own, kills them at a seed's moments, and looks at what came of it. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed } = options;
  const api = options.scenario === 'agent' ? await startAnthropic({ script: chaosModel }) : null;
  const scenario = await scenarioOf(options);
  const environment: Record<string, string> = api
    ? { ANTHROPIC_API_KEY: api.apiKey, ANTHROPIC_BASE_URL: api.baseUrl }
    : {};
  const rig = await startRig({ workers: scenario.workers, environment });
  const started = Date.now();
  try {
    const { killed, broken } = await play(rig, scenario, api, options);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    const kind = typeof options.scenario === 'string' ? options.scenario : 'case';
    const { parallel, mergeStrategy, scheduling } = scenario.input;
    const mode = parallel ? `${mergeStrategy}, ${scheduling}` : 'sequential';
    const story = `seed ${seed} (${kind}, ${mode}, ${scenario.workers} workers${drains(seed) ? ', drained' : ''}): ${seconds} s; killed ${killed.join('; ') || 'nothing'}`;
    return {
      story,
      broken: broken.length ? [...broken, ...(await lastRecords(rig.db)), ...outputOf(rig)] : [],
    };
  } finally {
    await rig.close();
    await api?.close();
  }
}

function scenarioOf({ scenario, seed }: ChaosOptions): Promise<Scenario> {
  if (scenario === 'script') return scriptScenario(seed);
  return scenario === 'agent' ? agentScenario(seed) : caseScenario(seed, scenario.folder, scenario.tree);
}

async function play(rig: Rig, scenario: Scenario, api: AnthropicMock | null, options: ChaosOptions) {
  const { plan, repository: path, input } = scenario;
  await importInto(rig.db, plan, { repository: path });
  const temporal = await connectTemporal({ address: rig.temporal.address, taskQueue: TASK_QUEUE });
  try {
    const workflowId = sessionWorkflowId(plan.project);
    const continued = drains(options.seed) ? [{ drainAtEvents: DRAIN_AT_EVENTS }] : [];
    await temporal.client.workflow.start(RUN_PROJECT, {
      ...{ taskQueue: TASK_QUEUE, workflowId, args: [input, ...continued] },
    });
    let ended = false;
    const end = endOf(temporal, workflowId, options.endsWithinMs).finally(() => (ended = true));
    const killed = await wreakHavoc(rig, path, killsOf(options.seed, options.kills), () => ended);
    const broken = [...(await end)];
    const runs = (await temporal.client.workflow.count(`WorkflowId = '${workflowId}'`)).count;
    if (runs > 1) killed.push(`${runs} runs`);
    else if (drains(options.seed)) broken.push('the session did not continue as new');
    broken.push(...(await openWorkflows(temporal)), ...(await brokenRecords(rig.db, scenario)));
    await Promise.all(rig.workers.map((worker) => worker.stop()));
    broken.push(...(await brokenInGit(scenario)));
    if (api) {
      const costs = await brokenCosts(rig.db, api, { kills: killed.length, agents: DEFAULT_AGENTS });
      broken.push(...costs.broken);
      if (costs.repeats) killed.push(`${costs.repeats} turns asked for again`);
    }
    return { killed, broken };
  } finally {
    await temporal.close();
  }
}

const POLL_MS = 300;

/** Asks until the session has closed; the server may be away meanwhile. */
async function endOf(temporal: TemporalHarness, workflowId: string, withinMs: number): Promise<string[]> {
  const handle = temporal.client.workflow.getHandle(workflowId);
  const deadline = Date.now() + withinMs;
  let status = 'unknown';
  while (Date.now() < deadline) {
    await sleep(POLL_MS);
    status = await handle.describe().then(
      (description) => description.status.name,
      () => status,
    );
    if (status === 'COMPLETED') return [];
    if (status !== 'RUNNING' && status !== 'unknown') {
      const why = await handle.result().catch((error: Error) => `${error.message}: ${String(error.cause)}`);
      return [`the session ended as ${status}: ${String(why)}`];
    }
  }
  return [`the session did not end within ${withinMs / 1000} s: it is ${status}`];
}

const outputOf = (rig: Rig): string[] =>
  rig.workers.map((worker) => `worker's output: ${worker.output().slice(-3_000)}`);
