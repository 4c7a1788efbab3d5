import { join } from 'node:path';
import { patiently } from '../../agents/contract/patience';
import { failureOf } from '../../agents/process/shell';
import { hasPassed, recordVerification } from '../../db/landing/verifications';
import { noteFor } from '../../db/session/session-notes';
import type { Candidate } from '../../git/landing/landing';
import { provision } from '../../git/worktree/provision';
import { addScratchWorktree, removeScratchWorktree } from '../../git/worktree/scratch-worktree';
import { deleteRemoved } from '../../git/worktree/worktree-removal';
import { fillWorktree } from '../../git/worktree/worktrees';
import type { Red } from '../scope/contract';
import { showProgress } from '../scope/activity-scope';
import type { ActivityDependencies } from '../scope/dependencies';
import { runUnderLease, setUpUnderLease } from '../worktree/lease-script';
import { environmentOf } from '../worktree/environment';
import { commandTimeoutMs } from '../scope/time-limit';
import { epicsOf, type Member } from './member';
import { underRepositoryLock } from '../scope/under-repository-lock';

/** A session lands one stack at a time, and a repository has one session. */
const SCRATCH = '.verify';

/** Runs the project's verify command on exactly the tree that would land. Null when it is green, or there is none. */
export async function verifyCandidate(
  deps: ActivityDependencies,
  members: Member[],
  { base, tree }: Candidate,
): Promise<Red | null> {
  const { place, lease } = members[0]!;
  const { project, repository, session } = place;
  const verify = verifyOf(place);
  if (!verify) return null;
  const commands = project.setup ? [project.setup, verify] : [verify];
  if (await hasPassed(deps.db, { sessionId: session.id, tree, commands })) return null;
  const path = join(project.repoPath, '.worktrees', SCRATCH);
  await underRepositoryLock(deps.db, place, (held) =>
    addScratchWorktree(held.repository, { path, commit: base.new }),
  );
  try {
    const started = Date.now();
    await fillWorktree(repository, path);
    await provision(repository, path);
    const failure = await runChecks(deps, members, path);
    const reason = failure && deps.redact(failure.reason);
    const verified = {
      sessionId: session.id,
      epics: epicsOf(members),
      commit: base.new,
      tree,
      commands,
      reason,
      outputTail: failure && deps.redact(failure.output),
      durationMs: Date.now() - started,
    };
    const verification = await patiently(() => recordVerification(deps.db, verified), lease.signal);
    return reason === null ? null : { reason, verification };
  } finally {
    await underRepositoryLock(deps.db, place, (held) => removeScratchWorktree(held.repository, path));
    const left = await deleteRemoved(path);
    if (left) await noteFor(deps.db, { sessionId: session.id, note: left });
  }
}

const verifyOf = ({ options, project }: Member['place']): string | null => options.verify ?? project.verify;

async function runChecks(
  deps: ActivityDependencies,
  members: Member[],
  path: string,
): Promise<{ reason: string; output: string } | null> {
  const { place, lease } = members[0]!;
  const { project, options } = place;
  const signal = AbortSignal.any(members.map((member) => member.lease.signal));
  const timeoutMs = commandTimeoutMs(options);
  const own = environmentOf(deps, place, null);
  // What set-up makes elsewhere, and clean-up removes, must not be the epic's.
  const environment = { ...own, YOKEFLOW_WORKTREE: path, YOKEFLOW_SLUG: `${own.YOKEFLOW_SLUG}_verify` };
  const steps = { setup: project.setup, verify: verifyOf(place), cleanup: project.cleanup };
  let red: { reason: string; output: string } | null = null;
  for (const [name, script] of Object.entries(steps)) {
    if (!script || (red && name !== 'cleanup')) continue;
    const epics = epicsOf(members);
    showProgress({ epics, last: name });
    const result = await (name === 'setup' ? setUpUnderLease : runUnderLease)(lease, {
      script,
      directory: path,
      environment,
      timeoutMs,
      signal,
      onLine: (line) => showProgress({ epics, last: `${name}: ${deps.redact(line).slice(0, 200)}` }),
    });
    signal.throwIfAborted();
    const reason = failureOf(`${name} of the merged tree`, result, { timeoutMs, redact: deps.redact });
    // What it leaves elsewhere is no reason against the tree.
    if (reason && name !== 'cleanup') red = { reason, output: result.output };
  }
  return red;
}
