import { AgentError } from '../contract/agent-error';

/** A CLI that said nothing for so long but that it asks again: whatever it waits for, Temporal waits better. */
export const noAnswer = (cli: string, ms: number): AgentError =>
  new AgentError(
    'ProviderUnavailable',
    `the API has not answered ${cli} for ${Math.round(ms / 60_000)} minutes; it is tried again`,
  );
