import { proxiedFetch } from './proxied-fetch';

/**
 * `fetch` for the API, by way of a proxy if there is one. It follows nowhere: the key would go along to wherever that is, and
 * most redirections make a question without a body of the call.
 */
export const apiFetch: typeof fetch = async (input, init) => {
  const response = await proxiedFetch(input, { ...init, redirect: 'manual' });
  if (!isPage(response)) return response;
  await response.body?.cancel();
  const { host } = new URL(input instanceof Request ? input.url : input);
  throw new Error(
    `${host} is not the API, and answers with a web page: look at ANTHROPIC_BASE_URL and at the proxy`,
  );
};

/** A page with status 200, such as a proxy's login, would pass for a stream without anything in it. */
const isPage = ({ ok, headers }: Response): boolean =>
  ok && (headers.get('content-type')?.includes('text/html') ?? false);
