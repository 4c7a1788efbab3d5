/** The beginning of a temporary folder's name, for `mkdtemp`: it says whose the folder is. */
export const temporaryName = (what: string, pid: number): string => `yokeflow-${what}-${pid}-`;

/** The process that made the temporary folder of this name; null where the name is another one. */
export function makerOf(name: string): number | null {
  const pid = /^yokeflow-[a-z]+-(\d{1,10})-\w{6}$/.exec(name)?.[1];
  return pid === undefined ? null : Number(pid);
}
