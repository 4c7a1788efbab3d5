import { APIConnectionError, APIError } from '@anthropic-ai/sdk';
import { cutText } from '../../domain/cut-text';

/** What a failed call means: who can do something about it, and when. */
export type Trouble =
  /**
   * `brokeOff`: what the answer of the API was cut off by, in the middle or before it began. `garbled`: what could not be
   * read in an answer that came whole.
   */
  | { who: 'retry'; message: string; retryAfterMs?: number; brokeOff?: string; garbled?: string }
  /** `account`: the key, its bill or the address, so the same call goes through once a person has settled that. */
  | { who: 'person'; message: string; account?: true }
  /** This conversation cannot go on; a new try may. */
  | { who: 'work'; message: string };

/** Errors inside a stream come without a status: what the same error has outside of one. */
const STATUS_OF_TYPE: Record<string, number> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

const ADVICE: Record<number, string> = {
  401: 'set ANTHROPIC_API_KEY to a valid key',
  402: 'settle the billing of the account that the API key belongs to',
  403: 'use an API key that is allowed to do this',
  404: 'choose a model that this API key can use, and check ANTHROPIC_BASE_URL if it is set',
};

const ADDRESS = 'set ANTHROPIC_BASE_URL to the address of the API itself';

/** A firewall or a gateway said it, and would say it to every key. */
const ON_THE_WAY =
  'that is not the API: look at the proxy or the firewall on the way to it, and at ANTHROPIC_BASE_URL if it is set';

/** What the advice for these settles, this very conversation can go on with. */
const ACCOUNT = [401, 402, 403];

/** Comes with 429 and no time to wait: the money of the month is spent, which may last for weeks. */
const SPENT = /spend_limit_reached$/;

/** What the SDK says of a call of a tool that the model, or a gateway, did not write as JSON. */
const GARBLED = /parse tool parameter JSON.*? Error: (.*)$/;

const MAX_SAID = 300;

/** What is said to be done where that depends on who called. */
export interface Advice {
  busy: string;
  brokenOff: string;
  /** The API does not take the request as it is. */
  odd: string;
}

/** A gateway answered well, but not piece by piece: nothing tells whether it is at work, or what was paid for. */
export class NoStream extends Error {}

/** Reads an error of the SDK. Everything that is not plainly a refusal may pass, and is worth another try. */
export function troubleOf(error: unknown, { busy, brokenOff, odd }: Advice): Trouble {
  if (error instanceof NoStream) return { ...refused(error.message, ADDRESS), account: true };
  const { status, said, headers, type, code } = factsOf(error);
  const garbled = status === undefined ? GARBLED.exec(said)?.[1] : undefined;
  if (garbled) return { ...again(`a call of a tool was no JSON: ${garbled}; ${brokenOff}`), garbled };
  if (status === undefined)
    return { ...again(`the call to the API broke off: ${said}; ${brokenOff}`), brokeOff: said };
  if (status === 413 || (status === 400 && /prompt is too long|exceed context limit/i.test(said)))
    return { who: 'work', message: `the conversation has become too long for the model: ${said}` };
  if (status === 400 && /content filter/i.test(said))
    return { who: 'work', message: `the API has blocked an answer of the model: ${said}` };
  if ((status === 400 && /credit balance|usage limits?/i.test(said)) || SPENT.test(code ?? ''))
    return { ...refused(said, ADVICE[402]!), account: true };
  if (status === 403 && !type) return { ...refused(said, ON_THE_WAY), account: true };
  if (status >= 300 && status < 400)
    return { ...refused(`it leads to ${placeIn(headers)}`, ADDRESS), account: true };
  if (ADVICE[status])
    return { ...refused(said, ADVICE[status]), ...(ACCOUNT.includes(status) ? { account: true } : {}) };
  if (status >= 400 && status < 500 && ![408, 409, 429].includes(status)) return refused(said, odd);
  return again(`the API is busy or limits the rate: ${said}; ${busy}`, retryAfterMs(headers));
}

interface Facts {
  status?: number;
  said: string;
  headers?: Headers;
  /** The API's own names for what went wrong; a page that somebody else answers with has none. */
  type?: string;
  code?: string;
}

/** Without a status: the network, a stream that broke off, or an error of an unknown type in a stream. */
function factsOf(error: unknown): Facts {
  const line = (text: string) => cutText(text.replace(/\s+/g, ' '), MAX_SAID);
  if (!(error instanceof APIError))
    return { said: line(error instanceof Error ? error.message : String(error)) };
  if (error instanceof APIConnectionError) return { said: line(causeOf(error)) };
  const { headers, type, errorCode, apiMessage, message, status } = error as APIError;
  const known = status ?? STATUS_OF_TYPE[type ?? ''];
  const said = line(apiMessage && known ? `${known} ${apiMessage}` : message);
  return { status: known, said, headers, type: type ?? undefined, code: errorCode ?? undefined };
}

/** The SDK says no more than "Connection error.", and `fetch` below it "fetch failed": the innermost cause says why. */
const causeOf = ({ cause, message }: Error): string => (cause ? causeOf(cause as Error) : '') || message;

const again = (message: string, afterMs?: number): Extract<Trouble, { who: 'retry' }> => ({
  who: 'retry',
  message,
  ...(afterMs ? { retryAfterMs: afterMs } : {}),
});

const refused = (said: string, advice: string): Extract<Trouble, { who: 'person' }> => ({
  who: 'person',
  message: `the API refuses: ${said}; ${advice}`,
});

/** Where a redirection leads, without what its address may hold of secrets. */
function placeIn(headers: Headers | undefined): string {
  const location = headers?.get('location') ?? '';
  return URL.canParse(location) ? new URL(location).origin : 'another address';
}

/** `retry-after` in seconds or as a date; absent, unreadable or 0: undefined. */
function retryAfterMs(headers: Headers | undefined): number | undefined {
  const exact = Number(headers?.get('retry-after-ms'));
  if (exact > 0) return exact;
  const value = headers?.get('retry-after') ?? '';
  const ms = /^[\d.]+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return ms > 0 ? Math.ceil(ms) : undefined;
}
