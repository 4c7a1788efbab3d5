/** The programmatic API: docs/api.md. */
export { startCodingSessions } from './api/start-coding-sessions';
export type { StartCodingSessionsOptions } from './api/read-options';
export { withYokeflow, type ConnectOptions, type ProjectId, type Yokeflow } from './api/yokeflow';
export type { CodingSession, CodingSessionOutcome, FollowOptions } from './api/coding-session';
export { UsageError } from './cli/exit';
export type { SessionSummary } from '../db/session/summary';
export type { StoredPlan } from '../db/plan/plan-load';
export type { EventType, SessionEvent } from '../domain/session/events';
export type { Plan, PlanEpic, PlanTask } from '../domain/plan/plan';
export type { RunInput } from '../domain/session/run-input';
export type { SessionResult } from '../domain/session/session-result';
export type { StatusView } from '../domain/session/status-view';
