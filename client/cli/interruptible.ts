/**
 * Runs `work` with a signal that aborts at the first Ctrl-C; the second one ends the process. The listener stays until
 * `work` is over: what restores the terminal's cursor ends the process by the signal when nobody else listens.
 */
export async function interruptible<T>(work: (interrupted: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => {
    if (!controller.signal.aborted) return controller.abort();
    process.off('SIGINT', interrupt);
    process.kill(process.pid, 'SIGINT');
  };
  process.on('SIGINT', interrupt);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', interrupt);
  }
}
