import type { ConflictFile } from '../model';

export interface MergeFacts {
  branch: string;
  /** What is merged into the branch, for people: `main`, or `T4`. */
  other: string;
  ours: string;
  theirs: string;
  /** Empty when git merged it, and the result does not pass. */
  files: ConflictFile[];
  verify: string | null;
  /** What the merged tree printed. */
  output: string | null;
  lastFailure: { attempt: number; reason: string; output: string } | null;
}

/** What a model is told that has to settle a merge. */
export function mergePrompt(facts: MergeFacts): string {
  const { files, verify, lastFailure } = facts;
  return [
    ...(files.length ? conflictLines(facts) : redLines(facts)),
    "Both sides are to stay: keep what the other one did, and what this branch did. Drop nobody's lines to make it easy; " +
      'a result that keeps only one side of a file is refused, and lines that git had merged by itself and that you left out ' +
      'are named to people, who will read your diff.',
    ...(verify
      ? [
          `After you, this command has to succeed in this directory:\n\n    ${verify.replaceAll('\n', '\n    ')}`,
        ]
      : []),
    ...(lastFailure
      ? [
          `## What went wrong before\n\nThe try before this one failed: ${lastFailure.reason}. The worktree is as it was before it.` +
            printed(lastFailure.output),
        ]
      : []),
  ].join('\n\n');
}

function conflictLines({ branch, other, ours, theirs, files }: MergeFacts): string[] {
  const list = files.map(({ path, kind }) => `- ${JSON.stringify(path)} (${kind})`).join('\n');
  return [
    `# Resolve a merge conflict: ${other} into ${branch}`,
    `The merge has begun in this directory, and git left these files for you:\n\n${list}`,
    `What this branch did: \`git log -p ${theirs}..${ours}\`. What the other side did: \`git log -p ${ours}..${theirs}\`. ` +
      'Edit the files, remove all conflict markers, and `git add` each of them (`git rm` what is to go). ' +
      'You may commit with `git commit --no-edit`. Do not abort the merge.',
  ];
}

function redLines({ branch, other, ours, theirs, output }: MergeFacts): string[] {
  return [
    `# ${branch} and ${other} do not work together`,
    `Git has merged ${other} into this branch without a conflict, but the result does not pass. Find out why and mend it.` +
      printed(output ?? ''),
    `What this branch did: \`git log -p ${theirs}..${ours}\`. What the other side did: \`git log -p ${ours}..${theirs}\`.`,
  ];
}

const printed = (output: string) => (output ? `\n\n<output>\n${output}\n</output>` : '');
