import type { Command } from 'commander';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { announcePlan } from '../plan/announce-plan';
import { chooseProject } from '../cli/choose-project';
import { addCommand, exitWith, PROJECT_OPTION, type Cli, type ProjectOption } from '../cli/command';
import { withDatabase } from '../cli/connect';
import { EXIT, type ExitCode } from '../cli/exit';
import { createMcpServer } from '../mcp/server';

export function addMcp(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: 'mcp',
    summary: 'let an agent plan: a Model Context Protocol server on standard input and output',
    example: 'mcp --project my-app',
  })
    .option(...PROJECT_OPTION)
    .action(exitWith(cli, (options: ProjectOption) => mcp(cli, options)));
}

/** Serves until its client leaves. Standard output is the protocol's alone. */
async function mcp({ context, hint }: Cli, options: ProjectOption): Promise<ExitCode> {
  return withDatabase(context, async (db, { temporal }) => {
    const project = await chooseProject(db, options.project, hint);
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
