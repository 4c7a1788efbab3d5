import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { ConnectionOptions } from '@temporalio/client';

const NO_TLS = 'it speaks no TLS, which the settings ask for';
const WANTS_TLS = 'it wants TLS, which the settings do not ask for';
const UNTRUSTED = 'its certificate is not trusted';

const WITHIN_MS = 2_000;
const DEFAULT_PORT = 7233;

/** Why a server that lets nobody in does so, where that is its TLS or the lack of it; null: that is not known. */
export async function tlsProblem({ address, tls }: ConnectionOptions): Promise<string | null> {
  const greeting = await greet(address ?? '', typeof tls === 'object' ? tls : null);
  if (greeting === null) return null;
  if (!tls) return greeting.tls ? WANTS_TLS : null;
  if (!greeting.tls) return NO_TLS;
  return greeting.distrust === null ? null : `${UNTRUSTED} (${greeting.distrust})`;
}

/** What helps against a problem that `tlsProblem` found; null for any other. */
export function tlsRemedy(problem: string): string | null {
  if (problem === WANTS_TLS)
    return 'set TEMPORAL_TLS=true, or give its profile in temporal.toml a table `tls`';
  if (problem === NO_TLS)
    return 'unset TEMPORAL_TLS and TEMPORAL_API_KEY (a key asks for TLS, too), or correct temporal.toml';
  return problem.startsWith(UNTRUSTED)
    ? 'name the certificate of who signed it by TEMPORAL_TLS_SERVER_CA_CERT_PATH'
    : null;
}

/** `distrust`: why its certificate is not good enough; null where it is. */
type Greeting = { tls: false } | { tls: true; distrust: string | null };

/** Begins a conversation by TLS, and says how that is answered; null where nothing is. */
function greet(
  address: string,
  tls: Exclude<ConnectionOptions['tls'], boolean> | null,
): Promise<Greeting | null> {
  const url = `tcp://${address}`;
  if (!URL.canParse(url)) return Promise.resolve(null);
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const name = tls?.serverNameOverride ?? host;
  const { crt, key } = tls?.clientCertPair ?? {};
  return new Promise((resolve) => {
    const socket = connect({
      ...{ host, port: Number(port) || DEFAULT_PORT, timeout: WITHIN_MS, ALPNProtocols: ['h2'] },
      ...(isIP(name) ? {} : { servername: name }),
      ...(tls?.serverRootCACertificate ? { ca: Buffer.from(tls.serverRootCACertificate) } : {}),
      ...(crt && key ? { cert: Buffer.from(crt), key: Buffer.from(key) } : {}),
      // It is only looked at: nothing is said.
      rejectUnauthorized: false,
    });
    const answer = (greeting: Greeting | null) => {
      socket.destroy();
      resolve(greeting);
    };
    socket.on('secureConnect', () => {
      const error = socket.authorizationError as unknown as Error | string | null;
      const distrust = error instanceof Error ? error.message : error;
      answer({ tls: true, distrust: distrust ?? null });
    });
    socket.on('timeout', () => answer(null));
    socket.on('error', ({ message }: Error) => {
      if (/wrong version number|packet length too long/i.test(message)) answer({ tls: false });
      else answer(/SSL routines/.test(message) ? { tls: true, distrust: null } : null);
    });
  });
}
