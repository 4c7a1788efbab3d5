import type { AgentRequest } from '../contract/agent';
import type { Conversation, Prompt } from './conversation';
import type { ClaudeSettings } from './options';
import type { Tool } from './tools/tool';

/** One run of the agent: what stays the same for all of its turns. */
export interface Try {
  request: AgentRequest;
  settings: ClaudeSettings;
  conversation: Conversation;
  prompt: Prompt;
  tools: Tool[];
  /** Aborted with the request, or when the try's time is up. */
  signal: AbortSignal;
}
