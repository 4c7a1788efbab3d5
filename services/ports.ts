import getPort from 'get-port';

/** The preferred port, or another free one when it is taken. */
export function freePort(preferred?: number): Promise<number> {
  return getPort(preferred === undefined ? {} : { port: preferred });
}
