import type { StatusView } from '../../domain/status-view';
import { plural } from './units';

/** What the workflow says right now; null when it did not answer. */
export function liveText(live: StatusView | null, doctor: string): string {
  if (!live)
    return `Live: no answer within 2 s; the figures above are from PostgreSQL. No worker, perhaps: ${doctor}`;
  const running = live.running.map((task) => `T${task}`).join(', ');
  const agents = running ? `running ${running}` : 'no agent running';
  const limit = live.parallel ? `at most ${plural(live.maxConcurrency, 'agent')}` : 'one agent at a time';
  return `Live: ${live.state}, ${agents} (${limit})`;
}
