/** The occasions for a fault in one session, in the order in which they come, some of which are taken. */
export interface Occasions {
  /** How many there were so far. */
  count(): number;
  /** What those that were taken were about. */
  taken: string[];
  /** Whether it is one of these. */
  fails(name: string): boolean;
}

/** Of those whose name matches `only`: the first that is taken, from 1, and every how many-th after that. */
export interface Choice {
  at: number;
  every: number;
  only: RegExp;
}

/** @param choice null: none is taken */
export function occasions(choice: Choice | null): Occasions {
  let count = 0;
  const taken: string[] = [];
  return {
    count: () => count,
    taken,
    fails(name) {
      if (!choice?.only.test(name)) return false;
      count += 1;
      const fails = count >= choice.at && (count - choice.at) % choice.every === 0;
      if (fails) taken.push(`${count}: ${name.replace(/\s+/g, ' ').trim().slice(0, 60)}`);
      return fails;
    },
  };
}
