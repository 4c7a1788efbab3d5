import { AgentError } from '../contract/agent-error';

/** With these the API takes no call of the account, or knows no such model. */
export const REFUSING: ReadonlySet<number> = new Set([401, 402, 403, 404]);

/** The API refuses a CLI, which a person has to see to. On 403 it may be somebody on the way who says so. */
export function refusal(
  cli: { name: string; keyVariable: string },
  { reason, status }: { reason: string; status: number | null },
): AgentError {
  const key = `check the key (${cli.keyVariable}) or login, its billing and the model`;
  const way =
    status === 403 ? ', or the proxy or firewall on the way where it is not the API that says so' : '';
  return new AgentError('ProviderRefused', `the API refuses ${cli.name}: ${reason}; ${key}${way}`);
}
