export interface ClaudeOptions {
  apiKey: string;
  /** Another address than the API's own, for a gateway or a test. */
  baseUrl?: string;
  /** Takes secrets out of text before it is sent, recorded or shown. */
  redact?: (text: string) => string;
  /** Model responses in one try, before it counts as failed. */
  maxTurns?: number;
  /** Tokens in one response. */
  maxOutputTokens?: number;
  /** How long the API may send nothing at all, not even a ping, in the middle of a call. */
  idleMs?: number;
}

export type ClaudeSettings = Required<Omit<ClaudeOptions, 'baseUrl'>> & Pick<ClaudeOptions, 'baseUrl'>;

export const withDefaults = (options: ClaudeOptions): ClaudeSettings => ({
  redact: (text) => text,
  maxTurns: 200,
  maxOutputTokens: 32_000,
  idleMs: 180_000,
  ...options,
});
