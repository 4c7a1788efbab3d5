import type { PullRequest } from '../model';

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
  const rest = urls.length - MOST_NAMED;
  const named = urls.slice(0, MOST_NAMED).join(', ');
  const count = `${urls.length} pull request${urls.length === 1 ? '' : 's'}`;
  return `${count} ${what}: ${named}${rest > 0 ? ` and ${rest} more` : ''}`;
}
