import { tmpdir } from 'node:os';
import { SANDBOX } from '../domain/worktree-environment';
import type { Check } from './check';
import type { WorkerSettings } from './status';
import { lastLine, runCommand } from './command';

/** What each agent needs here. None of it is an error: a plan of scripts needs nothing. */
export async function checkAgents(env: NodeJS.ProcessEnv, worker: WorkerSettings | null): Promise<Check[]> {
  const programs = await Promise.all([
    program(env, 'claude', 'Claude Code', 'npm install -g @anthropic-ai/claude-code'),
    program(env, 'codex', 'Codex', 'npm install -g @openai/codex'),
  ]);
  return [apiKey(env, worker), ...programs, await sandbox(env), notifications(env, worker)];
}

/** Whether a command comes through it: one that cannot be started holds every task. */
async function sandbox(env: NodeJS.ProcessEnv): Promise<Check> {
  const name = 'sandbox';
  const program = env[SANDBOX];
  if (!program) {
    const detail = `none in this shell: agents can write wherever you can (set ${SANDBOX}: docs/security.md)`;
    return { name, status: 'ok', detail };
  }
  const result = await runCommand(program, ['true'], { env: { ...env, YOKEFLOW_WORKTREE: tmpdir() } });
  if (result.code === 0) return { name, status: 'ok', detail: program };
  const remedy = `try: YOKEFLOW_WORKTREE=/tmp ${program} true`;
  return { name, status: 'fail', detail: `${program} starts nothing: ${lastLine(result)}`, remedy };
}

function apiKey({ ANTHROPIC_API_KEY: key }: NodeJS.ProcessEnv, worker: WorkerSettings | null): Check {
  const name = 'ANTHROPIC_API_KEY';
  if (!key && worker?.has.includes(name))
    return { name, status: 'ok', detail: 'the worker that runs has it; it is not set in this shell' };
  if (!key) {
    const remedy = 'export ANTHROPIC_API_KEY=sk-ant-..., then `yokeflow up`';
    return { name, status: 'warn', detail: 'not set, so the agent claude cannot run', remedy };
  }
  if (key.trim() === key && !/\s/.test(key))
    return { name, status: 'ok', detail: 'set; a run shows whether it is accepted' };
  return { name, status: 'fail', detail: 'holds blanks or line ends', remedy: 'set it again, without them' };
}

async function program(
  env: NodeJS.ProcessEnv,
  command: string,
  name: string,
  install: string,
): Promise<Check> {
  const { code, stdout } = await runCommand(command, ['--version'], { env });
  if (code === 0) return { name, status: 'ok', detail: stdout.split('\n')[0]!.trim() };
  return {
    name,
    status: 'warn',
    detail: `no command "${command}"`,
    remedy: `only for agents of that kind: ${install}`,
  };
}

const CHANNELS = { YOKEFLOW_NOTIFY_COMMAND: 'command', YOKEFLOW_NOTIFY_WEBHOOK: 'webhook' };

/** The worker sends them, with what it was started with: this shell may have it otherwise. */
function notifications(env: NodeJS.ProcessEnv, worker: WorkerSettings | null): Check {
  const name = 'notifications';
  const byThose = (isSet: (variable: string) => boolean) =>
    Object.entries(CHANNELS)
      .flatMap(([variable, channel]) => (isSet(variable) ? [channel] : []))
      .join(' and ');
  const here = byThose((variable) => Boolean(env[variable]));
  const how = 'to be told of ends and problems, set YOKEFLOW_NOTIFY_COMMAND or YOKEFLOW_NOTIFY_WEBHOOK';
  if (!worker) {
    const detail = here
      ? `by ${here}, as this shell has it for a worker that it starts; yokeflow notify test sends an example`
      : `none in this shell (${how})`;
    return { name, status: 'ok', detail };
  }
  const sent = byThose((variable) => worker.has.includes(variable));
  const detail = sent ? `by ${sent}, as the worker that runs has it` : 'none by the worker that runs';
  if (worker.lacks.some((variable) => variable in CHANNELS)) {
    const remedy = 'to give it those of this shell: `yokeflow up`';
    return { name, status: 'warn', detail: `${detail}; this shell has other ones`, remedy };
  }
  return { name, status: 'ok', detail: sent || here ? detail : `${detail} (${how})` };
}
