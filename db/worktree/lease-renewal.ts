import { RENEW_MS } from '../../domain/session/lease-times';
import type { Queryable } from '../connection/connection';
import { renewLease, type TokenOfLease } from './leases';

/** Renews a lease until it is told to stop. `signal` aborts when somebody else has it. */
export function keepRenewed(
  db: Queryable,
  lease: TokenOfLease,
  everyMs = RENEW_MS,
): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  const timer = setInterval(() => {
    renewLease(db, lease).then(
      (owned) => owned || controller.abort(),
      // While PostgreSQL is away nobody can take it over, and writes are fenced: going on harms nobody.
      () => undefined,
    );
  }, everyMs);
  return { signal: controller.signal, stop: () => clearInterval(timer) };
}
