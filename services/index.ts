export type { Check } from './check';
export { runChecks } from './doctor';
export { environmentFor, type Endpoints, type TemporalEndpoint } from './endpoints';
export { ensureServices, type EnsureOptions, peekServices, peekTemporal, type Services } from './ensure';
export { ServicesError, SettingsError } from './errors';
export { readSettings, type Settings } from './settings';
export { type ProgramStatus, type ServiceStatus, serviceStatus } from './status';
export { stopServices, type StopOptions } from './stop';
export { temporalCommand } from './temporal/command';
