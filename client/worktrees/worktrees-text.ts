import type { Cleaned } from './clean';
import type { Recovery } from './recover';
import type { SurveyEntry } from './survey';
import { age, bytes, firstLine } from '../text/units';

export function worktreesText(entries: readonly SurveyEntry[]): string {
  if (entries.length === 0) return 'No worktrees.';
  const total = entries.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  const all = entries.length > 1 ? [`${entries.length} worktrees, ${bytes(total)}`] : [];
  return [...entries.map(entryText), ...all].join('\n');
}

function entryText(entry: SurveyEntry): string {
  const { branch, path, status, onDisk, dirty, holder, reason, sizeBytes, ageSeconds } = entry;
  const about = [
    status,
    onDisk ? '' : 'not on disk',
    dirty === true ? 'uncommitted changes' : dirty === false ? 'clean' : '',
    sizeBytes === null ? '' : bytes(sizeBytes),
    ageSeconds === null ? '' : `${age(ageSeconds * 1000)} old`,
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
    .flatMap(({ path, removed, reason, snapshotRef, sizeBytes }) => {
      const verb = removed ? (dryRun ? 'would remove' : 'removed') : dryRun ? 'would keep' : 'kept';
      return [
        `${verb} ${path}${removed && sizeBytes !== null ? ` (${bytes(sizeBytes)})` : ''}${reason ? `: ${firstLine(reason, 400)}` : ''}`,
        ...(snapshotRef ? [`  its work is kept: git show ${snapshotRef}`] : []),
      ];
    })
    .join('\n');
}
