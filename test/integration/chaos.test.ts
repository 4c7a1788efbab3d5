import { runChaos } from '../chaos/run';
import { removeTemporaryFolders } from '../support/git-repository';

afterEach(removeTemporaryFolders);

/** The short form of `npm run test:chaos`. */
test.each([
  ['script', 2],
  ['agent', 3],
] as const)(
  '%s, seed %d: worker, agents, Temporal and PostgreSQL are killed, and the session comes out whole',
  async (scenario, seed) => {
    const { story, broken } = await runChaos({ seed, scenario, kills: 5, endsWithinMs: 150_000 });
    expect({ story, broken }).toEqual({ story, broken: [] });
  },
  240_000,
);
