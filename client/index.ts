/** The programmatic API: docs/api.md. */
export { startCodingSessions, type StartCodingSessionsOptions } from './api/start-coding-sessions';
export { withYokeflow, type ConnectOptions, type ProjectId, type Yokeflow } from './api/yokeflow';
export type { CodingSession, CodingSessionOutcome, FollowOptions } from './api/coding-session';
export { UsageError } from './exit';
export type { SessionSummary } from '../db/summary';
export type { StoredPlan } from '../db/plan-load';
export type { EventType, SessionEvent } from '../domain/events';
export type { Plan, PlanEpic, PlanTask } from '../domain/plan';
export type { RunInput } from '../domain/run-input';
export type { SessionResult } from '../domain/session-result';
export type { StatusView } from '../domain/status-view';
