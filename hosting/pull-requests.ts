import type { HostedPullRequest } from '../domain/landing/pull-request';
import { HostingRefused, HostingUnavailable } from './errors';
import type { Gh } from './gh';
import { hostedRepository, type HostedRepository } from './hosted-repository';

const LISTED = 'number,url,state,headRefOid,headRefName,isCrossRepository';
const VIEWED = 'number,url,state,headRefOid,mergeCommit,commits';

interface Row {
  number: number;
  url: string;
  state: HostedPullRequest['state'];
  headRefOid: string;
  headRefName?: string;
  isCrossRepository?: boolean;
  mergeCommit?: { oid: string } | null;
  commits?: { oid: string }[];
}

const hosted = ({ number, url, state, headRefOid, mergeCommit, commits = [] }: Row): HostedPullRequest => ({
  ...{ number, url, state, head: headRefOid },
  mergeCommit: mergeCommit?.oid ?? null,
  commits: commits.map(({ oid }) => oid),
});

/** The repository of a remote, @throws HostingRefused where it is on no hosting service */
export function repositoryAt(url: string): HostedRepository {
  const found = hostedRepository(url);
  if (found) return found;
  throw new HostingRefused(
    `pull requests need a remote on GitHub, such as git@github.com:owner/name.git, and it is ${url}`,
  );
}

/** The pull requests of a branch of the repository itself, not of a fork's that is called the same; newest first. */
export async function findPullRequests(
  gh: Gh,
  url: string,
  { head, base }: { head: string; base: string },
): Promise<HostedPullRequest[]> {
  const of = ['--repo', repositoryAt(url).name, '--head', head, '--base', base];
  const rows = parsed<Row[]>(await gh.run(['pr', 'list', ...of, '--state', 'all', '--json', LISTED]));
  return rows
    .filter(({ headRefName, isCrossRepository }) => headRefName === head && isCrossRepository !== true)
    .map(hosted)
    .sort((a, b) => b.number - a.number);
}

export async function viewPullRequest(gh: Gh, url: string, number: number): Promise<HostedPullRequest> {
  const args = ['pr', 'view', String(number), '--repo', repositoryAt(url).name, '--json', VIEWED];
  return hosted(parsed<Row>(await gh.run(args)));
}

export async function createPullRequest(
  gh: Gh,
  url: string,
  { head, base, title, body }: { head: string; base: string; title: string; body: string },
): Promise<{ number: number; url: string }> {
  const to = ['--repo', repositoryAt(url).name, '--head', head, '--base', base];
  const said = await gh.run(['pr', 'create', ...to, '--title', title, '--body-file', '-'], { input: body });
  const [page, number] = /\bhttps?:\/\/\S+\/pull\/(\d+)/.exec(said) ?? [];
  // It is looked for before another one is opened.
  if (!page) throw new HostingUnavailable(`gh pr create did not say what it opened: ${said.slice(0, 200)}`);
  return { number: Number(number), url: page };
}

function parsed<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new HostingUnavailable(`gh did not answer in JSON: ${text.slice(0, 200)}`);
  }
}
