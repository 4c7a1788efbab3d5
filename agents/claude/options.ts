export interface ClaudeOptions {
  apiKey: string;
  /** Another address than the API's own, for a gateway or a test. */
  baseUrl?: string;
  /** Takes secrets out of text before it is recorded or shown: also what merely looks like one. */
  redact?: (text: string) => string;
  /**
   * Takes out of text what not even the model may see; `redact`, if not given. What merely looks like a secret should
   * stay: a model that is shown `postgres://app:[redacted]@db` in a file of the repository writes that back.
   */
  withhold?: (text: string) => string;
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
  withhold: options.redact ?? ((text) => text),
  maxTurns: 200,
  maxOutputTokens: 32_000,
  idleMs: 180_000,
  ...options,
});
