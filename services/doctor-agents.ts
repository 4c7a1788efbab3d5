import type { Check } from './check';
import { runCommand } from './command';

/** What each agent needs here. None of it is an error: a plan of scripts needs nothing. */
export async function checkAgents(env: NodeJS.ProcessEnv): Promise<Check[]> {
  const programs = await Promise.all([
    program(env, 'claude', 'Claude Code', 'npm install -g @anthropic-ai/claude-code'),
    program(env, 'codex', 'Codex', 'npm install -g @openai/codex'),
  ]);
  return [apiKey(env), ...programs, notifications(env)];
}

function apiKey({ ANTHROPIC_API_KEY: key }: NodeJS.ProcessEnv): Check {
  const name = 'ANTHROPIC_API_KEY';
  if (!key) {
    const remedy = 'export ANTHROPIC_API_KEY=sk-ant-..., then `yokeflow up`';
    return { name, ok: 'warn', detail: 'not set, so the agent claude cannot run', remedy };
  }
  if (key.trim() === key && !/\s/.test(key))
    return { name, ok: true, detail: 'set; whether it is accepted shows a run' };
  return { name, ok: false, detail: 'holds blanks or line ends', remedy: 'set it again, without them' };
}

async function program(
  env: NodeJS.ProcessEnv,
  command: string,
  name: string,
  install: string,
): Promise<Check> {
  const { code, stdout } = await runCommand(command, ['--version'], { env });
  if (code === 0) return { name, ok: true, detail: stdout.split('\n')[0]!.trim() };
  return {
    name,
    ok: 'warn',
    detail: `no command "${command}"`,
    remedy: `only for agents of that kind: ${install}`,
  };
}

function notifications({
  YOKEFLOW_NOTIFY_COMMAND: command,
  YOKEFLOW_NOTIFY_WEBHOOK: webhook,
}: NodeJS.ProcessEnv): Check {
  const name = 'notifications';
  const by = [...(command ? ['command'] : []), ...(webhook ? ['webhook'] : [])].join(' and ');
  if (by) return { name, ok: true, detail: `by ${by}; yokeflow notify test sends an example` };
  const remedy = 'to be told of ends and problems, set YOKEFLOW_NOTIFY_COMMAND or YOKEFLOW_NOTIFY_WEBHOOK';
  return { name, ok: true, detail: `none (${remedy})` };
}
