import type { Plan } from '../../domain/plan/plan';
import { planOf } from './plans';

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

/** What a script does to `a.txt` as `newRepository` makes it. */
export const changeLine = (to: string) => `sed -i 's/2/${to}/' a.txt`;

/** Two epics make something else of the same line: the second one to land, epic 2, conflicts with the first. */
export function conflictPlan(project: string, marker: string, extra: Partial<Plan> = {}): Plan {
  const { untilBegun, untilLanded } = conflictBy(marker);
  const tasks = [
    { id: 1, epic: 1, action: `${untilBegun}; ${changeLine('two')}` },
    { id: 2, epic: 2, action: `${untilLanded}; ${changeLine('zwei')}` },
  ];
  return planOf(project, tasks, extra);
}
