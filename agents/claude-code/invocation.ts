import { usdFromNano } from '../../domain/cost/money';
import type { Budget } from '../contract/agent';
import type { ClaudeCodeOptions } from './options';

interface Invocation {
  session: string;
  resuming: boolean;
  model: string | null;
  budget: Budget;
  /** The file that names MCP servers; null: none. */
  mcpConfig: string | null;
}

/** Its own worktrees, inside of this one: what is done there is not this task's work. */
const ELSEWHERE = ['EnterWorktree', 'ExitWorktree', 'Agent(isolation:worktree)', 'Agent(isolation:remote)'];
/** What they are to wait for comes when the task is over. */
const LATER = ['ScheduleWakeup', 'CronCreate', 'Monitor'];

/** Without `--setting-sources user`, hooks that the repository's own settings name would run. */
export function flagsFor({ session, resuming, model, budget, mcpConfig }: Invocation): string[] {
  return [
    '-p',
    ...['--output-format', 'stream-json', '--verbose'],
    ...(model ? ['--model', model] : []),
    ...(resuming ? ['--resume', session] : ['--session-id', session]),
    '--dangerously-skip-permissions',
    ...['--setting-sources', 'user'],
    // Those of the repository and of the user are left out.
    '--strict-mcp-config',
    ...['--disallowedTools', [...ELSEWHERE, ...LATER].join(',')],
    ...(mcpConfig ? ['--mcp-config', mcpConfig] : []),
    ...(budget.remainingNano === null
      ? []
      : ['--max-budget-usd', usdFromNano(budget.remainingNano).toFixed(6)]),
  ];
}

export function environmentFor(
  { apiKey, oauthToken, baseUrl }: Pick<ClaudeCodeOptions, 'apiKey' | 'oauthToken' | 'baseUrl'>,
  environment: Record<string, string>,
  { folder, timeoutMs }: { folder: string; timeoutMs: number },
): Record<string, string> {
  return {
    ...environment,
    ...(apiKey ? { ANTHROPIC_API_KEY: apiKey } : oauthToken ? { CLAUDE_CODE_OAUTH_TOKEN: oauthToken } : {}),
    // A folder of its own would hide the user's login.
    ...(apiKey || oauthToken ? { CLAUDE_CONFIG_DIR: folder } : {}),
    ...(baseUrl ? { ANTHROPIC_BASE_URL: baseUrl } : {}),
    // As root the CLI skips no permissions unless it is told that it is in a sandbox.
    ...(process.getuid?.() === 0 ? { IS_SANDBOX: '1' } : {}),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    // Of what is in the background when the model ends its turn, the CLI ends some after seconds and says that all is well.
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    // So that tests of more than its ten minutes can still be run.
    BASH_MAX_TIMEOUT_MS: String(timeoutMs),
  };
}
