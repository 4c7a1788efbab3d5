/** Parts of two tasks' scripts, whose epics are to conflict whatever this machine does meanwhile. */
export interface Conflict {
  /** The second one has begun, on the main that the first one begins on. */
  begin: string;
  /** For the first one: it cannot land before. */
  untilBegun: string;
  /** For the second one, which has begun by that: it lands after the first one. */
  untilLanded: string;
}

/** The marker is a file that is not there yet. */
export function conflictBy(marker: string): Conflict {
  const begin = `touch '${marker}'`;
  const until = (what: string) => `until ${what}; do sleep 0.1; done`;
  return {
    begin,
    untilBegun: until(`[ -e '${marker}' ]`),
    untilLanded: `${begin}; ${until('[ "$(git rev-parse main)" != "$(git rev-parse HEAD)" ]')}`,
  };
}
