import { DEFAULT_MODEL, resolveModel } from '../../domain/cost/models';
import type { Agent, AgentOutcome, AgentRequest } from '../contract/agent';
import { conversationFrom, type Prompt } from './conversation';
import { converse } from './converse';
import { withDefaults, type ClaudeOptions, type ClaudeSettings } from './options';
import { redacted } from './redacted';
import { timeLimit } from './time-limit';
import { toolsFor } from './tools/toolset';

/**
 * Claude through its API, with tools of our own: each response and each tool's result is on record before the next
 * step, so that another worker can go on from there.
 */
export function createClaudeAgent(options: ClaudeOptions): Agent {
  const settings = withDefaults(options);
  return { name: 'claude', resumes: true, run: (request) => run(settings, request) };
}

async function run(settings: ClaudeSettings, request: AgentRequest): Promise<AgentOutcome> {
  const conversation = conversationFrom(await request.transcript.load());
  const prompt = await promptFor(settings, request, conversation.prompt);
  const limit = timeLimit(request.signal, request.timeoutMs - request.spentMs);
  const { signal } = limit;
  const tools = toolsFor(request);
  try {
    return await converse({ request, settings, conversation, prompt, tools, signal });
  } catch (error) {
    if (request.signal.aborted) return ended('was stopped');
    if (limit.expired()) return ended(`ran out of time after ${Math.round(request.timeoutMs / 1000)} s`);
    throw error;
  } finally {
    limit.stop();
  }
}

/**
 * The conversation's prompt: as it was recorded, since the files that it was made from may change meanwhile. Where it
 * is still the same, in the words that were sent, of which the record has those that look like a secret no longer.
 */
async function promptFor(
  { redact, withhold }: ClaudeSettings,
  { transcript, prompt: { system, task }, model }: AgentRequest,
  recorded: Prompt | null,
): Promise<Prompt> {
  const sent = {
    ...redacted({ system, task }, withhold),
    model: recorded?.model ?? resolveModel(model ?? DEFAULT_MODEL),
  };
  const record = redacted(sent, redact);
  if (recorded) return record.system === recorded.system && record.task === recorded.task ? sent : recorded;
  await transcript.record({ n: 0, kind: 'prompt', payload: record });
  return sent;
}

const ended = (how: string): AgentOutcome => ({ kind: 'failed', reason: `the agent ${how}`, output: '' });
