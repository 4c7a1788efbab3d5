import type { Command } from 'commander';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { announcePlan } from '../plan/announce-plan';
import { addAction, PROJECT_OPTION, type Cli, type ProjectOption } from '../cli/command';
import { withProject } from '../cli/with-project';
import { EXIT, type ExitCode } from '../cli/exit';
import { createMcpServer } from '../mcp/server';

export function addMcp(program: Command, cli: Cli): void {
  addAction(program, cli, mcp, {
    usage: 'mcp',
    summary: 'let an agent plan: a Model Context Protocol server on standard input and output',
    example: 'mcp --project my-app',
    options: [PROJECT_OPTION],
  });
}

/** Serves until its client leaves. Standard output is the protocol's alone. */
async function mcp(cli: Cli, options: ProjectOption): Promise<ExitCode> {
  const { context, hint } = cli;
  return withProject(cli, options, async (db, project, { temporal }) => {
    const server = createMcpServer({
      db,
      project,
      announce: () => announcePlan(temporal, project.name, hint),
    });
    await context.interruptible(async (interrupted) => {
      const closed = new Promise<void>((resolve) => {
        server.server.onclose = resolve;
        process.stdin.once('end', resolve);
        interrupted.addEventListener('abort', () => resolve(), { once: true });
      });
      await server.connect(new StdioServerTransport());
      await closed;
      await server.close();
    });
    return EXIT.ok;
  });
}
