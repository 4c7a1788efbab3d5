export interface Access {
  apiKey: string;
  /** Another address than the API's own, for a gateway. */
  baseUrl?: string;
}

/** The key and the address in the environment, or in one line what is wrong with them. @param user what needs the key */
export function accessFrom(
  environment: NodeJS.ProcessEnv,
  user: string,
): { access: Access } | { problem: string } {
  const apiKey = environment.ANTHROPIC_API_KEY?.trim() ?? '';
  if (!apiKey) return { problem: `no API key for ${user}: set ANTHROPIC_API_KEY=sk-ant-...` };
  if (!/^[\x21-\x7e]+$/.test(apiKey))
    return { problem: 'ANTHROPIC_API_KEY holds blanks or other characters that no key has: set it anew' };
  const baseUrl = environment.ANTHROPIC_BASE_URL?.trim();
  // Anything else fails in each call as trouble with the network does, which is worth another try.
  if (baseUrl && !isWebAddress(baseUrl))
    return {
      problem:
        'ANTHROPIC_BASE_URL is no address such as https://gateway.example.com: set it anew or unset it',
    };
  return { access: baseUrl ? { apiKey, baseUrl } : { apiKey } };
}

const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
