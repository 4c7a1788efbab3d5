import type { FailureType } from '../domain/session/failures';

/** The service or the way to it fails for now: Temporal tries again. */
export class HostingUnavailable extends Error {
  override readonly name = 'HostingUnavailable';
  readonly type: FailureType = 'HostingUnavailable';
}

/** A person has to do something about it; the message says what. */
export class HostingRefused extends Error {
  override readonly name = 'HostingRefused';
  readonly type: FailureType = 'PullRequestsUnavailable';
}

/**
 * What `gh`, git, ssh and the service itself say of trouble that passes. What was not there before, a pull request or a
 * branch, was made meanwhile by a `gh` or git whose worker is gone: the next look finds it.
 */
const PASSES =
  /error connecting|dial tcp|time[sd]?[ -]?out|timeout|took too long|HTTP 5\d\d|returned error: 5\d\d|rate limit|\bEOF\b|connection (refused|reset|closed)|no route to host|could not resolve (host|proxy)|no such host|TLS handshake|network is unreachable|temporary failure|unexpected disconnect|RPC failed|kex_exchange|Head sha can't be blank|Head ref must be a branch|pull request for branch .* already exists|reference already exists|is at \w+ but expected|something went wrong/i;

export const isPassing = (text: string): boolean => PASSES.test(text);
