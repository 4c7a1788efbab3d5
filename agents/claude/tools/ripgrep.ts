import { execFile } from 'node:child_process';
import { ToolError } from '@anthropic-ai/sdk/lib/tools/ToolError';
import { findProgram } from '../../process/find-program';

/** The program, where this machine has it. */
export const ripgrep = (): Promise<string | null> => findProgram('rg', process.env.PATH ?? '');

const LIMITS = { timeout: 60_000, maxBuffer: 100 * 1024 };

/** Files with names that begin with a dot, too, of which a repository has many that matter: `.github`, `.env.example`. */
const WAY = ['--no-config', '--hidden', '--glob=!.git', '--line-number', '--with-filename', '--no-heading'];
/** Of a line that is longer, as those of bundled files are, the beginning says enough. */
const SHORT = ['--max-columns=2000', '--max-columns-preview'];

interface Search {
  pattern: string;
  /** What is searched; its ignored files are not, unless it is one itself. */
  path: string;
  signal: AbortSignal | null;
}

/** The lines that match, each with its file and number. @throws ToolError for a pattern that is none, and when out of time. */
export function searchWith(program: string, { pattern, path, signal }: Search): Promise<string> {
  const options = { ...LIMITS, ...(signal ? { signal } : {}), env: { PATH: process.env.PATH } };
  return new Promise((resolve, reject) => {
    execFile(program, [...WAY, ...SHORT, '-e', pattern, '--', path], options, (error, found, said) => {
      if (!error) return resolve(found);
      const { code } = error as { code?: unknown };
      if (code === 1) return resolve('no matches');
      if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
        return resolve(`${found}\n[There is more: narrow the pattern, or name a path.]`);
      reject(new ToolError(`grep: ${error.killed ? 'out of time' : said.trim() || error.message}`));
    }).stdin?.end();
  });
}
