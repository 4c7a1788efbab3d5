import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { packageVersion } from '../cli/version';
import { listTasks, showBatches, showEpics, showStatus, showTask } from './reading-tools';
import { answerCalls, offer, type PlanDesk } from './tool';
import { addEpic, addTask, changeTask, dependency } from './writing-tools';

/** An MCP server over one project's plan. */
export function createMcpServer(desk: PlanDesk): McpServer {
  const server = new McpServer(
    { name: 'yokeflow', version: packageVersion() },
    {
      instructions:
        `The plan of the project ${desk.project.name}: epics and tasks, which coding agents carry out. ` +
        'Look at list_epics and list_tasks first. Tasks of different epics run side by side unless one depends on the other.',
    },
  );
  answerCalls(server, [
    offer(server, desk, addTask),
    offer(server, desk, listTasks),
    offer(server, desk, showTask),
    offer(server, desk, changeTask),
    offer(server, desk, showEpics),
    offer(server, desk, addEpic),
    offer(server, desk, showBatches),
    offer(server, desk, showStatus),
    offer(server, desk, dependency),
  ]);
  return server;
}
