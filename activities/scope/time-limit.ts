import type { RunOptions } from '../../domain/session/run-input';

/** Milliseconds that an agent, `setup` or `verify` may take in a session. */
export const commandTimeoutMs = (options: RunOptions): number => options.taskTimeoutMinutes * 60_000;
