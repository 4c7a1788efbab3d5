import getPort from 'get-port';

/** The first of these ports that is free, or another free one when all are taken. */
export function freePort(...preferred: (number | null)[]): Promise<number> {
  return getPort({ port: preferred.filter((port) => port !== null) });
}
