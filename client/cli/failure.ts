import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { CommanderError } from 'commander';
import { DatabaseFailure } from '../../db/connection/errors';
import type { FailureType } from '../../domain/session/failures';
import { RepositoryProblem } from '../../git/repository/repository';
import { ServicesError, SettingsError } from '../../services';
import { CommandFailed, EXIT, UsageError, type ExitCode } from './exit';

export interface Failure {
  code: ExitCode;
  /** Null: there is nothing to say, as after `--help`. */
  message: string | null;
}

/** A person has to change what was asked for, or where it was asked. */
const USAGE: FailureType[] = ['InvalidInput', 'ProjectBusy', 'RepositoryUnusable', 'DatabaseUnavailable'];

/** What the person is told of an error, in one line, and how the process exits. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof CommanderError) return commanderFailure(error);
  if (error instanceof UsageError || error instanceof SettingsError || error instanceof RepositoryProblem)
    return { code: EXIT.usage, message: oneLine(error.message) };
  if (error instanceof DatabaseFailure) {
    const code = USAGE.includes(error.type) ? EXIT.usage : EXIT.incomplete;
    return { code, message: oneLine(error.message) };
  }
  if (error instanceof CommandFailed || error instanceof ServicesError)
    return { code: EXIT.incomplete, message: oneLine(error.message) };
  if (error instanceof ServiceError || isGrpcServiceError(error)) {
    const said = oneLine(error.message).replace(/^\d+ ([A-Z_]+): /, '');
    return { code: EXIT.incomplete, message: `Temporal did not answer (${said}): see yokeflow doctor` };
  }
  const text = error instanceof Error ? error.message || error.name : String(error);
  return { code: EXIT.incomplete, message: `${oneLine(text)} (set YOKEFLOW_DEBUG=1 for the stack)` };
}

function commanderFailure(error: CommanderError): Failure {
  if (error.exitCode === 0) return { code: EXIT.ok, message: null };
  return { code: EXIT.usage, message: `${oneLine(error.message.replace(/^error: /, ''))} (see --help)` };
}

export function oneLine(text: string): string {
  return text.trim().replace(/\s*[\r\n]+\s*/g, ' ');
}
