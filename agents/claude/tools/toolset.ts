import type { AgentRequest } from '../../contract/agent';
import { bashTool } from './bash-tool';
import { fileTools } from './file-tools';
import type { Tool } from './tool';

/** Always in the same order: the provider's cache starts with the tools. */
export const toolsFor = (request: AgentRequest): Tool[] => [
  bashTool(request),
  ...fileTools(request.directory),
];
