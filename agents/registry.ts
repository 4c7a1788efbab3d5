import type { AgentName } from '../domain/model';
import type { Agent } from './agent';
import { scriptAgent } from './script';

export type AgentRegistry = Partial<Record<AgentName, Agent>>;

/** The agents that this version can run. */
export const agents: AgentRegistry = { script: scriptAgent };
