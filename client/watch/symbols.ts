import type { LaneState } from './picture';

/** What is drawn, where the terminal takes more than ASCII and where it does not. */
export interface Symbols {
  lane: Record<LaneState, string>;
  done: string;
  open: string;
  step: string;
}

export const UNICODE: Symbols = {
  lane: { running: '●', merging: '◆', trouble: '✗', finished: '◇', waiting: '○', proposed: '↗', landed: '✓' },
  done: '━',
  open: '─',
  step: '→',
};

export const ASCII: Symbols = {
  lane: { running: '>', merging: 'm', trouble: '!', finished: 'd', waiting: '.', proposed: 'p', landed: 'x' },
  done: '#',
  open: '.',
  step: '>',
};

/** By the locale, as other programs go by it. */
export function symbolsFor(env: NodeJS.ProcessEnv): Symbols {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return /utf-?8/i.test(locale) || process.platform !== 'linux' ? UNICODE : ASCII;
}
