import type { ServicesState } from '../../services/supervision/state';

/** What a supervisor says of itself that runs nothing. */
export const servicesState = (changes: Partial<ServicesState>): ServicesState => ({
  supervisor: { pid: 4_000_001, startedAt: 'elsewhere/1' },
  place: null,
  phase: 'ready',
  progress: [],
  failure: null,
  programs: [],
  failures: {},
  ports: { postgres: null, temporal: null, ui: null },
  worker: false,
  wiring: '',
  build: '',
  node: null,
  agentKeys: {},
  sshAgent: null,
  ...changes,
});
