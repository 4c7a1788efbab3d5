import type { Command } from 'commander';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { announcePlan } from '../plan/announce-plan';
import { addAction, PROJECT_OPTION, type Cli, type ProjectOption } from '../cli/command';
import type { Project } from '../../db/project/projects';
import type { Connected } from '../cli/connect';
import { withProjectAndServices } from '../cli/with-project';
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

async function mcp(cli: Cli, options: ProjectOption): Promise<ExitCode> {
  const work = (connected: Connected, project: Project) => serve(cli, connected, project);
  return withProjectAndServices(cli, options, work, { worker: 'welcome', lazily: true });
}

/**
 * Serves until its client leaves, which may be after days: with embedded services that come back at other ports it goes
 * along. Standard output is the protocol's alone.
 *
 * @throws CommandFailed when it cannot go on with what came, such as a message of more than 10 MB.
 */
async function serve({ context, hint }: Cli, connected: Connected, project: Project): Promise<ExitCode> {
  const server = createMcpServer({
    db: connected.db,
    project,
    announce: () => announcePlan(connected.db, connected.endpoints.temporal, project.name, hint),
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
}
