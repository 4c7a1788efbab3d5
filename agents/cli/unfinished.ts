import type { RunEnd } from './agent';

/**
 * The model ended without being through, though the CLI says that all is well: its conversation goes on, and it is told to
 * look how far it came.
 */
export const unfinished = (cli: string, how: string, output = ''): RunEnd => ({
  kind: 'died',
  reason: `${cli}: the model ${how}`,
  output,
});

export const WORDLESS = 'ended without a word';
