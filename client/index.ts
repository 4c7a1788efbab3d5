/** The programmatic API: start a session from a program, and follow it to its end. */
export { useTemporal, type Connected } from './connect';
export { followSession, type Followed, type Watcher } from './follow';
export { findOpenWorkflow, startSession, type SessionRef } from './session';
export type { SessionEnd } from './session-end';
export type { SessionEvent } from '../domain/events';
export type { RunInput } from '../domain/run-input';
export type { SessionResult } from '../domain/session-result';
