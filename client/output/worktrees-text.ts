import type { Cleaned } from '../worktrees/clean';
import type { Recovery } from '../worktrees/recover';
import type { SurveyEntry } from '../worktrees/survey';
import { firstLine } from './units';

export function worktreesText(entries: readonly SurveyEntry[]): string {
  if (entries.length === 0) return 'No worktrees.';
  return entries.map(entryText).join('\n');
}

function entryText({ branch, path, status, onDisk, dirty, holder, reason }: SurveyEntry): string {
  const about = [
    status,
    onDisk ? '' : 'not on disk',
    dirty === true ? 'uncommitted changes' : dirty === false ? 'clean' : '',
    holder ? `in use by ${holder}` : '',
  ];
  const why = reason ? `\n  ${firstLine(reason)}` : '';
  return `${branch ?? '(no branch)'}  ${about.filter(Boolean).join(', ')}\n  ${path}${why}`;
}

/** `recovered 1, cleaned 2`, then what they were and what is left to a person. */
export function recoveryText({ recovered, cleaned, problems }: Recovery): string {
  return [
    `recovered ${recovered.length}, cleaned ${cleaned.length}`,
    ...recovered.map((path) => `  recovered ${path}`),
    ...cleaned.map((path) => `  cleaned ${path}`),
    ...problems.map((problem) => `  left alone: ${firstLine(problem, 400)}`),
  ].join('\n');
}

export function cleanText(cleaned: readonly Cleaned[], dryRun: boolean): string {
  if (cleaned.length === 0) return 'No worktrees.';
  return cleaned
    .flatMap(({ path, removed, reason, snapshotRef }) => {
      const verb = removed ? (dryRun ? 'would remove' : 'removed') : dryRun ? 'would keep' : 'kept';
      return [
        `${verb} ${path}${reason ? `: ${firstLine(reason, 400)}` : ''}`,
        ...(snapshotRef ? [`  its work is kept: git show ${snapshotRef}`] : []),
      ];
    })
    .join('\n');
}
