import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as support from '../../support/git-repository';

afterAll(support.removeTemporaryFolders);

const RESOLVER = join(__dirname, '../../../dist/git/refs/resolver.js');

/** Asks where main is while this process may open no more files, and once more when it may. */
const PROGRAM = `
  const { openSync, closeSync } = require('node:fs');
  const { resolveName } = require(process.argv[1]);
  const repository = { gitDir: process.argv[2], identity: { name: 'A User', email: 'user@example.com' } };
  const ask = () => resolveName(repository, 'refs/heads/main').catch((error) => error.message);
  (async () => {
    const open = [];
    try {
      for (;;) open.push(openSync('/dev/null'));
    } catch {}
    closeSync(open.pop());
    const answers = [await ask()];
    for (const file of open) closeSync(file);
    console.log(JSON.stringify([...answers, await ask()]));
  })();
`;

it('answers again after a moment in which no more files could be opened', async () => {
  const repo = await support.newRepository();
  const script = 'ulimit -n 64; exec "$0" -e "$1" "$2" "$3"';
  const { stdout } = await promisify(execFile)('/bin/sh', [
    ...['-c', script, process.execPath, PROGRAM, RESOLVER, repo.gitDir],
  ]);
  expect(JSON.parse(stdout)).toEqual([
    'git cannot be started: this process may open no more files (ulimit -n)',
    await support.git(repo.path, 'rev-parse', 'main'),
  ]);
});
