/**
 * Makes of every way to tell this process to stop the one that Temporal hears. Temporal hears only the first signal, and by
 * default the next one would end the process in the midst of what the first began: a service manager that tells all
 * processes of a service tells the worker once itself and once through `yokeflow worker`, and so does a terminal that is
 * closed. Ctrl-C is not among them: pressed again it means at once.
 *
 * Call it once Temporal listens.
 */
export function hearStopSignals(): void {
  process.on('SIGTERM', () => undefined);
  process.on('SIGHUP', () => process.kill(process.pid, 'SIGTERM'));
}
