import type { EnvHttpProxyAgent } from 'undici';

const PROXY = /^https?_proxy$/i;

const namesProxy = (environment: NodeJS.ProcessEnv): boolean =>
  Object.entries(environment).some(([name, value]) => PROXY.test(name) && value);

/** Made once, since it keeps connections; it also looks at `NO_PROXY`. */
let way: EnvHttpProxyAgent | undefined;

/**
 * `fetch` by way of the proxy that `HTTPS_PROXY` and its like name, if there is one: Node's own looks at none of them before
 * Node 24, and from there on only when it is told to.
 */
export const proxiedFetch: typeof fetch = async (input, init) => {
  if (!namesProxy(process.env)) return fetch(input, init);
  const undici = await import('undici');
  way ??= new undici.EnvHttpProxyAgent();
  const request = { ...init, dispatcher: way } as Parameters<typeof undici.fetch>[1];
  return undici.fetch(input as Parameters<typeof undici.fetch>[0], request);
};
