import { DEFAULT_MODEL, resolveModel } from '../../domain/models';
import type { Agent, AgentOutcome, AgentRequest } from '../agent';
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
  const prompt = conversation.prompt ?? (await begin(settings, request));
  const before = conversation.turns.at(-1)?.elapsedMs ?? 0;
  const started = Date.now();
  const elapsedMs = () => before + Date.now() - started;
  const limit = timeLimit(request.signal, request.timeoutMs - before);
  const { signal } = limit;
  const tools = toolsFor(request);
  try {
    return await converse({ request, settings, conversation, prompt, tools, signal, elapsedMs });
  } catch (error) {
    if (request.signal.aborted) return ended('was stopped');
    if (limit.expired()) return ended(`ran out of time after ${Math.round(request.timeoutMs / 1000)} s`);
    throw error;
  } finally {
    limit.stop();
  }
}

async function begin(settings: ClaudeSettings, { transcript, prompt, model }: AgentRequest): Promise<Prompt> {
  const started = {
    ...redacted({ system: prompt.system, task: prompt.task }, settings.redact),
    model: resolveModel(model ?? DEFAULT_MODEL),
  };
  await transcript.record({ n: 0, kind: 'prompt', payload: started });
  return started;
}

const ended = (how: string): AgentOutcome => ({ kind: 'failed', reason: `the agent ${how}`, output: '' });
