import { failureOf } from '../../agents/process/shell';
import { appendEvent } from '../../db/events/events';
import { recordSetup } from '../../db/worktree/worktree-status';
import { fileNames } from '../../domain/file-names';
import { provision } from '../../git/worktree/provision';
import { resetWorktree } from '../../git/worktree/reset';
import { includeAgain } from '../../git/worktree/worktree-include';
import { snapshot } from '../../git/worktree/snapshot';
import { statusOf } from '../../git/content/status';
import { checkOutSubmodules } from '../../git/submodule/submodule-checkout';
import { gitIn } from '../../git/repository/checkout';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Lease } from '../scope/lease';
import { environmentOf } from './environment';
import { setUpUnderLease } from './lease-script';
import type { Place } from '../scope/place';
import { commandTimeoutMs } from '../scope/time-limit';

export interface CommandFailure {
  reason: string;
  outputTail: string;
}

/**
 * Makes a worktree ready to work in, once, and again for a submodule that cannot be had any more: submodules, the files of `.worktreeinclude`, the project's `setup` command.
 * What that leaves in files which git does not ignore is put back: it would become part of the first task's commit.
 * @param head the commit that the worktree is at
 * @param anew it was made just now, whatever had been made ready before
 * @returns null when it is ready, or why `setup` failed
 */
export async function makeReady(
  deps: ActivityDependencies,
  place: Place,
  { lease, head, anew }: { lease: Lease; head: string; anew: boolean },
): Promise<CommandFailure | null> {
  const { repository, worktree } = place;
  if (worktree.setupDoneAt && !anew) {
    // What was merged in since may link to other commits.
    const empty = await checkOutSubmodules(repository, worktree.path);
    await includeAgain(repository, worktree.path);
    // Perhaps `setup` fetches what is new among them.
    if (empty.every((line) => worktree.note?.includes(line))) return null;
  }
  let problems = await provision(repository, worktree.path);
  const { failure, output } = await runSetup(deps, place, lease);
  if (failure) {
    await record(deps, place, { done: false, output, problems });
    return failure;
  }
  // Perhaps it has fetched what is not here.
  if (place.project.setup && problems.length > 0)
    problems = await checkOutSubmodules(repository, worktree.path);
  const undone = place.project.setup ? await putBack(place, head) : [];
  if (undone.length > 0) problems.push(undoneText(undone));
  await record(deps, place, { done: true, output, problems });
  return null;
}

const MOST_NAMED = 5;

function undoneText(files: string[]): string {
  return `setup changed files that git does not ignore, which was undone: ${fileNames(files, MOST_NAMED)}`;
}

async function runSetup(
  deps: ActivityDependencies,
  place: Place,
  lease: Lease,
): Promise<{ failure: CommandFailure | null; output: string | null }> {
  const { project, worktree, epic } = place;
  if (!project.setup) return { failure: null, output: null };
  const timeoutMs = commandTimeoutMs(place.options);
  const result = await setUpUnderLease(lease, {
    script: project.setup,
    directory: worktree.path,
    environment: environmentOf(deps, place, null),
    timeoutMs,
  });
  const { output } = result;
  const what = epic === null ? 'setup' : `setup of epic ${epic}`;
  const reason = failureOf(what, result, { timeoutMs, redact: deps.redact });
  return { failure: reason ? { reason, outputTail: output } : null, output };
}

async function putBack({ repository, worktree, branch }: Place, head: string): Promise<string[]> {
  const { changed } = await statusOf(await gitIn(repository, worktree.path));
  if (changed.length === 0) return [];
  const ref = `refs/yokeflow/wip/worktree-${worktree.id}/setup`;
  await snapshot(repository, { worktree: worktree.path, ref, message: `What setup left in ${branch}` });
  await resetWorktree(repository, { worktree: worktree.path, branch, to: head });
  return changed;
}

async function record(
  { db, redact }: ActivityDependencies,
  { session, epic, worktree }: Place,
  { done, output, problems }: { done: boolean; output: string | null; problems: string[] },
): Promise<void> {
  const note = redact(problems.join('\n')) || null;
  await recordSetup(db, {
    worktreeId: worktree.id,
    done,
    output: output === null ? null : redact(output),
    note,
  });
  if (!note) return;
  await appendEvent(db, {
    sessionId: session.id,
    type: 'attention_needed',
    epic,
    data: { outcome: 'note', reason: note, worktree: worktree.path },
    key: `provision:${worktree.id}:${worktree.setupDoneAt ?? ''}`,
  });
}
