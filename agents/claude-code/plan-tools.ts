import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How the CLI starts the MCP server over the plan of a task's project: `yokeflow mcp`. */
export interface PlanTools {
  /** The compiled `yokeflow`. */
  program: string;
  /** Where PostgreSQL and Temporal are. */
  environment: Record<string, string>;
}

const SWITCH = 'YOKEFLOW_AGENT_MCP';

/** What `yokeflow mcp` reads, and no more. */
const PASSED = /^(PATH|HOME|DATABASE_URL|TEMPORAL_\w+|YOKEFLOW_HOME)$/;

/** Undefined unless the worker was started with YOKEFLOW_AGENT_MCP=1: agents do not edit plans unasked. */
export function planToolsFrom(environment: NodeJS.ProcessEnv): PlanTools | undefined {
  const program = join(__dirname, '..', '..', 'client', 'main.js');
  if (environment[SWITCH] !== '1' || !existsSync(program)) return undefined;
  const passed = Object.entries(environment).filter(([name, value]) => value && PASSED.test(name));
  return { program, environment: Object.fromEntries(passed) as Record<string, string> };
}

/** Writes the CLI's configuration, which holds the database's password, for its owner alone. Returns its path. */
export async function writeMcpConfig(
  { program, environment }: PlanTools,
  { folder, project }: { folder: string; project: string },
): Promise<string> {
  const args = [program, 'mcp', '--project', project];
  const server = { type: 'stdio', command: process.execPath, args, env: environment };
  const file = join(folder, 'mcp.json');
  await writeFile(file, JSON.stringify({ mcpServers: { yokeflow: server } }), { mode: 0o600 });
  return file;
}
