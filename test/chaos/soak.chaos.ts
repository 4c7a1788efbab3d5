import { removeTemporaryFolders } from '../support/git-repository';
import { runChaos, type ChaosOptions } from './run';

/*
 * CHAOS_SEEDS=50 CHAOS_FROM=1 npm run test:chaos            scripts and agents, 50 seeds each
 * CHAOS_CASE=FOLDER CHAOS_TREE=ID npm run test:chaos        a case of one's own: FOLDER/repo and FOLDER/plan.json
 * CHAOS_ONLY=agent                                          one kind of plan
 */
const count = Number(process.env.CHAOS_SEEDS ?? 5);
const from = Number(process.env.CHAOS_FROM ?? 1);
const seeds = Array.from({ length: count }, (_, index) => from + index);

function scenarios(): ChaosOptions['scenario'][] {
  const { CHAOS_CASE: folder, CHAOS_TREE: tree, CHAOS_ONLY: only } = process.env;
  if (folder) {
    if (!tree) throw new Error('CHAOS_TREE: must be the id of the tree that main has to have in the end');
    return [{ folder, tree }];
  }
  return (['script', 'agent'] as const).filter((kind) => !only || kind === only);
}

const KILLS = 10;
const ENDS_WITHIN_MS = 240_000;

afterEach(removeTemporaryFolders);

describe.each(
  scenarios().map((scenario) => [typeof scenario === 'string' ? scenario : 'case', scenario] as const),
)('%s', (_, scenario) => {
  test.each(seeds)(
    'seed %d: nothing is lost, nothing is done twice, nothing is left behind',
    async (seed) => {
      const { story, broken } = await runChaos({
        seed,
        scenario,
        kills: KILLS,
        endsWithinMs: ENDS_WITHIN_MS,
      });
      process.stderr.write(`${broken.length ? 'BROKEN' : 'whole'} ${story}\n`);
      expect({ story, broken }).toEqual({ story, broken: [] });
    },
    ENDS_WITHIN_MS + 120_000,
  );
});
