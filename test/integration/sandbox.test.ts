import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endOf } from '../../client/session/session-end';
import { git, newRepository } from '../support/git-repository';
import { planOf } from '../support/plans';
import { projectName, useSystem } from '../support/system';

/** The worker's own. */
const environment: NodeJS.ProcessEnv = { ...process.env };
const system = useSystem({ environment });

/** Writes down which script it starts, and where. */
async function sandbox(): Promise<{ program: string; started: () => Promise<string[]> }> {
  const [program, log] = [join(system.folder, 'sandbox'), join(system.folder, 'started')];
  const lines = [
    '#!/bin/sh',
    'for last; do :; done',
    `echo "$(basename "$YOKEFLOW_WORKTREE"): $(cat "$last")" >> '${log}'`,
    'exec "$@"',
  ];
  await writeFile(program, lines.join('\n'));
  await chmod(program, 0o755);
  return { program, started: async () => (await readFile(log, 'utf8')).trim().split('\n') };
}

test('set-up, tasks, verification and clean-up are started by it; without it nothing is', async () => {
  const { program, started } = await sandbox();
  environment.YOKEFLOW_SANDBOX = program;
  const project = projectName();
  const { path } = await newRepository();
  const commands = { setup: 'echo set up', verify: 'test -e f1', cleanup: 'echo clean up' };
  const landed = `until git -C '${path}' cat-file -e main:f1; do sleep 0.1; done 2> /dev/null`;
  const gone = `until [ ! -e '${path}/.worktrees/epic-1-part-1' ]; do sleep 0.1; done`;
  const tasks = [
    { id: 1, epic: 1, action: 'echo 1 > f1' },
    { id: 2, epic: 2, action: `${landed}\n${gone}\necho 2 > f2; rm '${program}'`, after: [1] },
  ];
  await system.import(planOf(project, tasks, commands), path);
  const handle = await system.start({ project, parallel: true });
  // The verification of task 2 could not begin.
  const wrong = `YOKEFLOW_SANDBOX is ${program}, which is not the absolute path of a program`;
  expect(endOf(await handle.result().catch((error: unknown) => error))).toMatchObject({
    kind: 'incomplete',
    result: { problems: [{ task: 2, status: 'failed', reason: expect.stringContaining(wrong) }] },
  });
  expect(await started()).toEqual(
    expect.arrayContaining([
      'epic-1-part-1: echo set up',
      'epic-1-part-1: echo 1 > f1',
      'epic-1-part-1: test -e f1',
      'epic-1-part-1: echo clean up',
    ]),
  );
  expect(await git(path, 'show', 'main:f1')).toBe('1');
  await expect(git(path, 'show', 'main:f2')).rejects.toThrow('f2');
});
