import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from '../process/runner';
import { gitAt, headOf } from './submodule-store';

/** The commits of a submodule's own making: what is checked out, and its branches. */
export async function tipsOf(inner: Git): Promise<string[]> {
  const head = await headOf(inner);
  const { stdout } = await inner.run(['for-each-ref', '--format=%(objectname)', 'refs/heads/']);
  return [...new Set([...(head ? [head] : []), ...stdout.split('\n').filter(Boolean)])];
}

/** Lets a git process elsewhere read the objects of this repository, and nothing else of it. */
export const lent = (inner: Git): Record<string, string> => ({
  GIT_ALTERNATE_OBJECT_DIRECTORIES: `"${join(inner.gitDir, 'objects').replace(/["\\]/g, '\\$&')}"`,
});

/** Copies what a repository has of its own into another, where each of its tips is at `<prefix>/<commit>` then. Idempotent. */
export async function copyCommits(inner: Git, folder: string, prefix: string): Promise<void> {
  const outer = gitAt(inner, folder);
  const env = lent(inner);
  for (const tip of await tipsOf(inner)) {
    const missing = ['rev-list', '--max-count=1', tip, '--not', '--all'];
    if ((await outer.run(missing, { env })).stdout === '') continue;
    await copyCommit(outer, tip, env);
    await outer.run(['update-ref', `${prefix}/${tip}`, tip]);
  }
}

/** By a file: a whole library does not go through memory. */
async function copyCommit(outer: Git, tip: string, env: Record<string, string>): Promise<void> {
  const { stdout } = await outer.run(['for-each-ref', '--format=^%(objectname)']);
  const objects = join(outer.gitDir, 'objects');
  // Git deletes what begins with `tmp_`, should this be killed.
  const part = join(objects, 'tmp_yokeflow');
  const name = await outer.line(['pack-objects', '--revs', '-q', part], { input: `${tip}\n${stdout}`, env });
  // Computes every object's name anew: nothing gets in under the name of something else.
  await outer.run(['index-pack', `${part}-${name}.pack`]);
  for (const kind of ['pack', 'idx'])
    await rename(`${part}-${name}.${kind}`, join(objects, 'pack', `pack-${name}.${kind}`));
  await rm(`${part}-${name}.rev`, { force: true });
}
