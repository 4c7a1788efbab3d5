import type { Channel } from './channel';
import { commandChannel } from './command-channel';
import { webhookChannel } from './webhook-channel';

/**
 * The channels that the environment asks for, and what is wrong with a setting.
 * @param outside `fetch` for what is not on this machine
 */
export function channelsFrom(
  env: NodeJS.ProcessEnv,
  outside: typeof fetch = fetch,
): { channels: Channel[]; problem: string | null } {
  const { YOKEFLOW_NOTIFY_COMMAND: command, YOKEFLOW_NOTIFY_WEBHOOK: webhook } = env;
  const channels: Channel[] = [];
  if (command) channels.push(commandChannel(command, { ...env, DATABASE_URL: undefined }));
  if (!webhook) return { channels, problem: null };
  const scheme = URL.canParse(webhook) ? new URL(webhook).protocol : '';
  if (scheme !== 'http:' && scheme !== 'https:')
    return {
      channels,
      problem: 'YOKEFLOW_NOTIFY_WEBHOOK must be a URL that starts with https:// or http://',
    };
  return { channels: [...channels, webhookChannel(webhook, outside)], problem: null };
}
