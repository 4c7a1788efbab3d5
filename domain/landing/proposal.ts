import { startOf } from '../cut-text';
import { harmlessLine } from '../harmless';

/** What a pull request is to say. */
export interface ProposalFacts {
  /** The epic's; null: the sequential branch. */
  name: string | null;
  epic: number | null;
  baseBranch: string;
  /** The commit of the base branch that it was merged and verified with. */
  base: string;
  tasks: { number: number; description: string }[];
  /** Other pull requests whose commits it contains. */
  contains: number[];
  verify: string | null;
  session: number;
  costUsd: number;
}

/** The service refuses longer ones. */
const MAX_TITLE = 200;
const MAX_BODY = 60_000;

export function proposalTitle({ name, epic }: ProposalFacts): string {
  return startOf(harmlessLine(name ?? (epic === null ? 'Sequential session' : `Epic ${epic}`)), MAX_TITLE);
}

export function proposalBody(facts: ProposalFacts): string {
  const { baseBranch, base, tasks, contains, verify, session, costUsd } = facts;
  const at = `${baseBranch} at ${base.slice(0, 10)}`;
  const parts = [
    tasks.map(({ number, description }) => `- T${number}: ${harmlessLine(description)}`).join('\n'),
    contains.map((number) => `Contains #${number}: merge that first.`).join('\n'),
    verify
      ? `Merged with ${at}, this passed: \`${harmlessLine(verify)}\``
      : `It merges with ${at}; no command verified it.`,
    `YokeFlow session ${session}${costUsd > 0 ? `, ${costUsd.toFixed(2)} USD` : ''}`,
  ];
  return `${startOf(parts.filter(Boolean).join('\n\n'), MAX_BODY)}\n`;
}
