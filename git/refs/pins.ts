import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

const PREFIX = 'refs/yokeflow/tasks/';

/** Keeps a completed task's commit alive, whatever happens to its branch. */
export const pinRef = (taskId: number): string => `${PREFIX}${taskId}`;

/** Every pinned task's commit, by task id. */
export async function taskPins(repo: Repository): Promise<Map<number, string>> {
  const { stdout } = await gitOf(repo).run(['for-each-ref', '--format=%(objectname) %(refname)', PREFIX]);
  const pins = stdout
    .split('\n')
    .filter(Boolean)
    .map((line): [number, string] => {
      const [commit = '', ref = ''] = line.split(' ');
      return [Number(ref.slice(PREFIX.length)), commit];
    });
  return new Map(pins.filter(([task]) => Number.isInteger(task)));
}

/** Takes back the pin of a try that is undone: a pin says that its task is complete. Idempotent. */
export async function unpinTask(repo: Repository, taskId: number, base: string): Promise<void> {
  const ref = `${PREFIX}${taskId}`;
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`, `${ref}^1`];
  const { exitCode, stdout } = await gitOf(repo).run(args, { accept: [0, 1, 128] });
  const [pin, parent] = stdout.trim().split('\n');
  if (exitCode === 0 && pin && parent === base) await gitOf(repo).run(['update-ref', '-d', ref, pin]);
}
