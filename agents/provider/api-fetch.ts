import type { EnvHttpProxyAgent } from 'undici';

const PROXY = /^https?_proxy$/i;

const namesProxy = (environment: NodeJS.ProcessEnv): boolean =>
  Object.entries(environment).some(([name, value]) => PROXY.test(name) && value);

/** Made once, since it keeps connections; it also looks at `NO_PROXY`. */
let way: EnvHttpProxyAgent | undefined;

/**
 * `fetch` for the API. It goes by way of the proxy that `HTTPS_PROXY` and its like name, if there is one: Node's own looks
 * at none of them before Node 24, and from there on only when it is told to. It follows nowhere: the key would go along to
 * wherever that is, and most redirections make a question without a body of the call.
 */
export const apiFetch: typeof fetch = async (input, init) => {
  const response = await ask(input, { ...init, redirect: 'manual' });
  if (!isPage(response)) return response;
  await response.body?.cancel();
  const { host } = new URL(input instanceof Request ? input.url : input);
  throw new Error(
    `${host} is not the API, and answers with a web page: look at ANTHROPIC_BASE_URL and at the proxy`,
  );
};

const ask: typeof fetch = async (input, here) => {
  if (!namesProxy(process.env)) return fetch(input, here);
  const undici = await import('undici');
  way ??= new undici.EnvHttpProxyAgent();
  const request = { ...here, dispatcher: way } as Parameters<typeof undici.fetch>[1];
  return undici.fetch(input as Parameters<typeof undici.fetch>[0], request);
};

/** A page with status 200, such as a proxy's login, would pass for a stream without anything in it. */
const isPage = ({ ok, headers }: Response): boolean =>
  ok && (headers.get('content-type')?.includes('text/html') ?? false);
