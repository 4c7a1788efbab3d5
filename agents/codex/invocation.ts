import type { CodexOptions } from './options';

/** The name under which the key reaches the CLI. */
const KEY_VARIABLE = 'CODEX_API_KEY';

export function flagsFor(
  { baseUrl }: Pick<CodexOptions, 'baseUrl'>,
  { thread, model, directory }: { thread: string | null; model: string | null; directory: string },
): string[] {
  return [
    'exec',
    ...(thread ? ['resume'] : []),
    '--json',
    '--skip-git-repo-check',
    '--dangerously-bypass-approvals-and-sandbox',
    // Rules that the repository brings along are an agent's to write.
    '--ignore-rules',
    // So are MCP servers and hooks in its `.codex`, which would run outside of any sandbox where the user trusts it.
    ...['-c', `projects={${JSON.stringify(directory)}={trust_level="untrusted"}}`],
    // The prompt holds the rules of the project, which some versions would read once more; those of the user still count.
    ...['-c', 'project_doc_max_bytes=0'],
    // It tells the sum of all calls of a run, and a call whose prompt has more than 272,000 tokens costs twice as much.
    ...['-c', 'model_auto_compact_token_limit=240000'],
    ...(model ? ['-m', model] : []),
    ...(baseUrl ? gateway(baseUrl) : []),
    ...(thread ? [thread] : []),
    '-',
  ];
}

/** A string of JSON is one of TOML. */
const gateway = (baseUrl: string): string[] => [
  ...['-c', 'model_provider="gateway"'],
  '-c',
  `model_providers.gateway={name="gateway",base_url=${JSON.stringify(baseUrl)},env_key="${KEY_VARIABLE}",wire_api="responses"}`,
];

export const environmentFor = (
  { apiKey }: Pick<CodexOptions, 'apiKey'>,
  environment: Record<string, string>,
  folder: string,
): Record<string, string> => ({
  ...environment,
  // A folder of its own would hide the user's login.
  ...(apiKey ? { [KEY_VARIABLE]: apiKey, CODEX_HOME: folder } : {}),
});
