import { unescape } from 'node:querystring';
import { isThisMachine } from '../domain/this-machine';
import type { Channel, Delivery } from './channel';

const WITHIN_MS = 15_000;
/** The server says that it did not take it. */
const TRY_AGAIN = [429, 503];
/** No connection was made, so nothing was sent. */
const NEVER_SENT = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

/** Posts each notification as JSON. `Idempotency-Key` names it, for receivers that want to be sure. */
export function webhookChannel(url: string, outside: typeof fetch): Channel {
  const { address, login } = withoutLogin(url);
  const ask = isThisMachine(address.hostname) ? fetch : outside;
  return {
    name: 'webhook',
    async deliver(notification, signal): Promise<Delivery> {
      // Not AbortSignal.any with AbortSignal.timeout: Node 20 may collect the timeout, and the request then waits for ever.
      const over = new AbortController();
      const end = () => over.abort(signal.reason);
      const late = setTimeout(
        () => over.abort(new Error(`no answer within ${WITHIN_MS / 1000} s`)),
        WITHIN_MS,
      );
      signal.addEventListener('abort', end, { once: true });
      try {
        const response = await ask(address, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': notification.id, ...login },
          body: JSON.stringify(notification),
          redirect: 'manual',
          signal: over.signal,
        });
        await response.body?.cancel();
        if (response.ok) return { kind: 'sent' };
        const kind = TRY_AGAIN.includes(response.status) ? 'unsent' : 'failed';
        return { kind, reason: `the webhook answered ${response.status}` };
      } catch (error) {
        return failure(error);
      } finally {
        clearTimeout(late);
        signal.removeEventListener('abort', end);
      }
    },
  };
}

/** `fetch` refuses an address with a login in it, and says it aloud. */
function withoutLogin(url: string): { address: URL; login: Record<string, string> } {
  const address = new URL(url);
  const pair = `${unescape(address.username)}:${unescape(address.password)}`;
  address.username = address.password = '';
  if (pair === ':') return { address, login: {} };
  return { address, login: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
}

function failure(error: unknown): Delivery {
  const { cause } = error as { cause?: { code?: string } };
  const code = cause?.code ?? '';
  const said = error instanceof Error ? error.message : String(error);
  return {
    kind: NEVER_SENT.includes(code) ? 'unsent' : 'failed',
    reason: `the webhook cannot be reached (${code || said})`,
  };
}
