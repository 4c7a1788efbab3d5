import type { Command } from 'commander';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { announcePlan } from '../plan/announce-plan';
import { addAction, PROJECT_OPTION, type Cli, type ProjectOption } from '../cli/command';
import { withProject } from '../cli/with-project';
import { CommandFailed, EXIT, type ExitCode } from '../cli/exit';
import { createMcpServer } from '../mcp/server';

export function addMcp(program: Command, cli: Cli): void {
  addAction(program, cli, mcp, {
    usage: 'mcp',
    summary: 'let an agent plan: a Model Context Protocol server on standard input and output',
    example: 'mcp --project my-app',
    options: [PROJECT_OPTION],
  });
}

/**
 * Serves until its client leaves. Standard output is the protocol's alone.
 *
 * @throws CommandFailed when it cannot go on with what came, such as a message of more than 10 MB.
 */
async function mcp(cli: Cli, options: ProjectOption): Promise<ExitCode> {
  const { context, hint } = cli;
  return withProject(cli, options, async (db, project, { temporal }) => {
    const server = createMcpServer({
      db,
      project,
      announce: () => announcePlan(temporal, project.name, hint),
    });
    await context.interruptible(async (interrupted) => {
      let problem = 'it was closed';
      server.server.onerror = (error) => void (problem = error.message);
      const closed = new Promise<'left' | 'broken off'>((resolve) => {
        server.server.onclose = () => resolve('broken off');
        process.stdin.once('end', () => resolve('left'));
        interrupted.addEventListener('abort', () => resolve('left'), { once: true });
      });
      await server.connect(new StdioServerTransport());
      if ((await closed) === 'broken off')
        throw new CommandFailed(`the conversation on standard input broke off: ${problem}`);
      await server.close();
    });
    return EXIT.ok;
  });
}
