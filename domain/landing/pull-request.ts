import { listed } from '../listed';
import type { PullRequest } from '../model';
import { plural } from '../plural';

/** What the hosting service says of a pull request. */
export interface HostedPullRequest {
  number: number;
  url: string;
  state: 'OPEN' | 'CLOSED' | 'MERGED';
  /** The newest commit of its branch, as the service has it. */
  head: string;
  /** What brought it to the base branch: a merge, a squash, or the last of its commits, rebased. */
  mergeCommit: string | null;
  /** Its commits, the last hundred or so; empty where nobody asked for them. */
  commits: string[];
}

export const pullRequestName = ({ number, url }: Pick<PullRequest, 'number' | 'url'>): string =>
  `pull request #${number}: ${url}`;

const MOST_NAMED = 5;

/** `2 pull requests opened: https://..., https://...` */
export function pullRequestsText(urls: readonly string[], what: string): string {
  return `${plural(urls.length, 'pull request')} ${what}: ${listed(urls, MOST_NAMED)}`;
}
