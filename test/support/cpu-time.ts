/** Processor time that this process has used, in milliseconds: a busy machine changes it hardly. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
