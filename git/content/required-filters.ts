import { changesBetween, readable } from './diff';
import type { Change } from './diff';
import { ownFileSetting } from '../process/excludes';
import { ownConfig } from '../process/own-config';
import type { Git } from '../process/runner';
import { gitIn } from '../repository/checkout';
import type { Repository } from '../repository/repository';

export interface Unfiltered {
  path: string;
  filter: string;
}

const ASK = ['-z', '--type=bool', '--get-regexp', '^filter\\..+\\.required$'];

/** Of `git config -z`: for each record a key, a line break, and its value. */
function parseRequired(output: string): [filter: string, required: boolean][] {
  return output
    .split('\0')
    .filter(Boolean)
    .map((record) => {
      const [key, value] = record.split(/\n(?=[^\n]*$)/) as [string, string];
      return [key.slice('filter.'.length, -'.required'.length), value === 'true'];
    });
}

/** Filters that git is told not to do without, for this repository or for all. LFS has commands of its own: lfs.ts. */
async function requiredFilters(git: Git): Promise<string[]> {
  const here = (await git.filters()).some((filter) => filter !== 'lfs');
  // Not what our own settings make of them.
  const local = ['config', '--local', '--includes', ...ASK];
  const printed = here ? (await git.run(local, { accept: [0, 1, 128] })).stdout : '';
  const required = new Map([...parseRequired(await ownConfig(...ASK)), ...parseRequired(printed)]);
  required.delete('lfs');
  return [...required].filter(([, is]) => is).map(([filter]) => filter);
}

/**
 * Files that a tree would put into history without a filter that git is told not to do without there (most of them encrypt):
 * our git runs none. Those that are as they were in the commit below are as their filter made them.
 */
export async function unfilteredFiles(
  repo: Repository,
  { worktree, base, tree }: { worktree: string; base: string; tree: string },
): Promise<Unfiltered[]> {
  const git = await gitIn(repo, worktree);
  const required = await requiredFilters(git);
  if (required.length === 0) return [];
  const changed = (await changesBetween(git, base, tree)).filter(isContent);
  if (changed.length === 0) return [];
  const { stdout } = await git.run(['check-attr', '-z', '--stdin', 'filter'], {
    input: Buffer.from(changed.map(({ path }) => `${path}\0`).join(''), 'latin1'),
    settings: await ownFileSetting('core.attributesfile', 'attributes'),
    bytes: true,
  });
  // For each path: its name, that of the attribute, the value.
  const fields = stdout.split('\0');
  return changed
    .map(({ path }, at) => ({ path: readable(path), filter: fields[3 * at + 2] ?? '' }))
    .filter(({ filter }) => required.includes(filter));
}

const isContent = ({ newMode, oldObject, newObject }: Change): boolean =>
  newMode.startsWith('100') && oldObject !== newObject;
