import { cutText } from '../../domain/cut-text';

const MOST = 600;

/** What a program printed about its failure, as one line to be read by people. Secrets may still be in it. */
export function saidOf(stderr: string): string {
  const lines = stderr.trim().split(/\s*\n\s*/);
  return cutText(lines.join('; '), MOST) || 'no message';
}
