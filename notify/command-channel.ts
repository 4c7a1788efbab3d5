import { spawn } from 'node:child_process';
import type { Notification } from '../domain/session/notification';
import { send } from '../processes/signal';
import type { Channel, Delivery } from './channel';

const WITHIN_MS = 30_000;
const TAIL = 300;
/** How long what it said last may be on its way. A process that it leaves behind may keep the pipe open for ever. */
const LAST_WORDS_MS = 500;

/**
 * Runs a shell command for each notification: JSON on its standard input, the essentials in its environment. Nothing
 * is put into the command line, where a shell would read it as a command.
 */
export function commandChannel(command: string, environment: NodeJS.ProcessEnv): Channel {
  return {
    name: 'command',
    deliver: (notification, signal) =>
      run(command, { ...environment, ...variables(notification) }, notification, signal),
  };
}

const variables = ({ id, event, project, session, text, status = '' }: Notification) => ({
  YOKEFLOW_NOTIFICATION: id,
  YOKEFLOW_EVENT: event,
  YOKEFLOW_PROJECT: project,
  YOKEFLOW_SESSION: String(session),
  YOKEFLOW_STATUS: status,
  YOKEFLOW_TEXT: text,
});

function run(
  command: string,
  env: NodeJS.ProcessEnv,
  notification: Notification,
  signal: AbortSignal,
): Promise<Delivery> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], {
      env,
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    const end = () => child.pid !== undefined && send(-child.pid, 'SIGKILL');
    let timer = setTimeout(end, WITHIN_MS);
    signal.addEventListener('abort', end, { once: true });
    let tail = '';
    child.stderr.on('data', (chunk: Buffer) => (tail = (tail + chunk.toString()).slice(-TAIL)));
    child.on('error', (error) => settle({ kind: 'unsent', reason: error.message }));
    child.on('exit', () => {
      clearTimeout(timer);
      timer = setTimeout(() => child.stderr.destroy(), LAST_WORDS_MS);
    });
    child.on('close', (code, killedBy) => {
      if (code === 0) return settle({ kind: 'sent' });
      const how = killedBy
        ? `was ended (${killedBy}), at the latest after ${WITHIN_MS / 1000} s`
        : `ended with exit code ${code}`;
      settle({ kind: 'failed', reason: `the command ${how}${tail.trim() ? `: ${tail.trim()}` : ''}` });
    });
    function settle(delivery: Delivery): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve(delivery);
    }
    // It need not read what it is given.
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${JSON.stringify(notification)}\n`);
  });
}
