/** 0: all landed. 1: something did not. 2: bad usage or input. 130: detached by Ctrl-C, the run goes on. */
export const EXIT = { ok: 0, incomplete: 1, usage: 2, detached: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Bad usage or input: the message is one line that names what is wrong and the remedy. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Something that was asked for could not be done, and no stack would help: one line with the remedy. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}
