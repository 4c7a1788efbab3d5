import { cutText } from '../../domain/cut-text';
import { objectIn } from '../process/json-lines';

const MAX_REASON = 300;

/** What a CLI says of its trouble, in one line: of the API's answer, which may be JSON over several lines, what it says. */
export function reasonIn(said: string): string {
  const start = said.indexOf('{');
  const answer = start < 0 ? null : objectIn(said.slice(start));
  const message = messageOf(answer?.error);
  const told = message ? `${said.slice(0, start)}${message}` : firstLine(said);
  return cutText(told.replace(/\s+/g, ' ').trim(), MAX_REASON);
}

const messageOf = (error: unknown): string => {
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : '';
};

const firstLine = (said: string): string => said.trim().split('\n')[0]!;
