import { connect } from 'node:net';

/** Whether somebody listens there. The socket of an agent that was killed stays behind. */
export function answersAt(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect({ path: socket });
    const settle = (there: boolean) => {
      connection.destroy();
      resolve(there);
    };
    connection.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}
