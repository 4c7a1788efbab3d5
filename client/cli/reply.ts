import type { JsonOption } from './command';
import type { CliContext } from './context';

/** What a command that changes something answers: a line, or with --json `{"ok":true,"message":...}`. */
export function reply(context: CliContext, message: string, { json }: JsonOption): void {
  context.print(json ? JSON.stringify({ ok: true, message }) : message);
}
