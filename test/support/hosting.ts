import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { git, temporaryFolder } from './git-repository';

export interface StoredPull {
  number: number;
  url: string;
  state: 'OPEN' | 'CLOSED' | 'MERGED';
  headRefName: string;
  baseRefName: string;
  title: string;
  body: string;
  isCrossRepository: boolean;
  /** Once it is merged or closed; the branch's until then. */
  headRefOid?: string;
  mergeCommit?: { oid: string };
  commits?: { oid: string }[];
}

export interface HostingState {
  login: boolean;
  pulls: StoredPull[];
  /** What `gh` was called with. */
  calls: string[][];
  /**
   * A command, as in `pr create`, that fails so often with this text; with `after` it does its work before, with `hangs` it
   * takes long about it and says nothing.
   */
  trouble?: { command: string; times: number; says: string; after?: boolean; hangs?: boolean };
}

/** A hosting service: a bare repository that is reached over `ssh`, and a `gh` whose pull requests are in a file. */
export interface Hosting {
  url: string;
  /** The bare repository. */
  remote: string;
  /** With both programs in its PATH. */
  environment: NodeJS.ProcessEnv;
  state(): Promise<HostingState>;
  change(how: (state: HostingState) => void): Promise<void>;
  /** As a person does it there. `squash`: by one commit, without the branch's own. */
  merge(number: number, how: 'merge' | 'squash'): Promise<string>;
  close(number: number): Promise<void>;
}

const HOST = 'git.example.test';

/** For a repository with a checkout of `main`: becomes its `origin`, and has what it has. */
export async function hostingOf(path: string): Promise<Hosting> {
  const folder = await temporaryFolder();
  const remote = join(folder, 'owner', 'app.git');
  const url = `git@${HOST}:owner/app.git`;
  const file = join(folder, 'state.json');
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', remote);
  await git(path, 'push', '--quiet', remote, 'main');
  await git(path, 'remote', 'add', 'origin', url);
  await program(join(bin, 'ssh'), SSH.replaceAll('FOLDER', folder).replaceAll('HOST', HOST));
  await program(join(bin, 'gh'), `#!${process.execPath}\n${GH.replaceAll('STATE', JSON.stringify(file))}`);
  await writeFile(file, JSON.stringify({ login: true, pulls: [], calls: [], remote }));
  const state = async () => JSON.parse(await readFile(file, 'utf8')) as HostingState;
  const change: Hosting['change'] = async (how) => {
    const now = await state();
    how(now);
    await writeFile(file, JSON.stringify(now));
  };
  const pullOf = async (number: number) => (await state()).pulls.find((pull) => pull.number === number)!;
  const settle = async (number: number, result: Partial<StoredPull>) => {
    const { headRefName, baseRefName } = await pullOf(number);
    const head = await git(remote, 'rev-parse', headRefName);
    const commits = (await git(remote, 'rev-list', `${baseRefName}..${head}`)).split('\n');
    await change(({ pulls }) => {
      const known = { headRefOid: head, commits: commits.map((oid) => ({ oid })) };
      Object.assign(
        pulls.find((pull) => pull.number === number)!,
        known,
        result,
      );
    });
  };
  return {
    url,
    remote,
    environment: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
    state,
    change,
    async merge(number, how) {
      const { headRefName, baseRefName, title } = await pullOf(number);
      const tree = (await git(remote, 'merge-tree', '--write-tree', baseRefName, headRefName)).split(
        '\n',
      )[0]!;
      const parents = ['-p', baseRefName, ...(how === 'merge' ? ['-p', headRefName] : [])];
      const oid = await git(remote, 'commit-tree', tree, ...parents, '-m', `${title} (#${number})`);
      await settle(number, { state: 'MERGED', mergeCommit: { oid } });
      await git(remote, 'update-ref', `refs/heads/${baseRefName}`, oid);
      await git(remote, 'update-ref', '-d', `refs/heads/${headRefName}`);
      return oid;
    },
    close: (number) => settle(number, { state: 'CLOSED' }),
  };
}

async function program(file: string, text: string): Promise<void> {
  await writeFile(file, text);
  await chmod(file, 0o755);
}

/** Its last argument is what is to run over there; the paths in it are those of the host's root. */
const SSH = `#!/bin/sh
for command; do host="$last"; last="$command"; done
case "$host" in *@HOST) ;; *) echo "ssh: Could not resolve hostname $host" >&2; exit 255;; esac
echo "$*" >> FOLDER/ssh.log
[ ! -e FOLDER/deny ] || { echo 'git@HOST: Permission denied (publickey).' >&2; exit 255; }
cd FOLDER && exec sh -c "$command"
`;

/** Behaves as GitHub's own of v2.40 does for what we ask of it: flags, JSON fields, exit codes and texts. */
const GH = `
const fs = require('node:fs');
const { execFileSync } = require('node:child_process');
const state = JSON.parse(fs.readFileSync(STATE, 'utf8'));
const args = process.argv.slice(2);
const command = args.slice(0, 2).join(' ');
state.calls.push(args);
const save = () => fs.writeFileSync(STATE, JSON.stringify(state));
const end = (code, text = '', error = '') => {
  process.stdout.write(text); process.stderr.write(error); save(); process.exit(code);
};
const flag = (name) => { const at = args.indexOf('--' + name); return at < 0 ? undefined : args[at + 1]; };
const trouble = state.trouble;
const troubled = trouble && trouble.command === command && trouble.times > 0;
if (troubled) trouble.times -= 1;
const fail = () => {
  if (!trouble.hangs) end(1, '', trouble.says + '\\n');
  save();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20000);
  process.exit(1);
};
if (troubled && !trouble.after) fail();
if (args[0] === '--version') end(0, 'gh version 2.40.0 (2023-12-07)\\n');
if (!state.login)
  end(command === 'auth status' ? 1 : 4, '', 'You are not logged into any GitHub hosts. To log in, run: gh auth login\\n');
if (command === 'auth status') end(0);
if (flag('repo') !== 'git.example.test/owner/app') end(1, '', 'expected the "[HOST/]OWNER/REPO" format, got "' + flag('repo') + '"\\n');
const git = (...more) => execFileSync('git', ['--git-dir', state.remote, ...more], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
const oid = (ref) => { try { return git('rev-parse', '--verify', '--quiet', ref); } catch { return null; } };
const FIELDS = ['number', 'url', 'state', 'headRefName', 'baseRefName', 'headRefOid', 'mergeCommit', 'commits', 'isCrossRepository', 'title', 'body'];
const shown = (pull) => {
  const whole = { mergeCommit: null, ...pull };
  if (pull.state === 'OPEN') {
    whole.headRefOid = oid('refs/heads/' + pull.headRefName);
    whole.commits = git('rev-list', whole.headRefOid, '^refs/heads/' + pull.baseRefName).split('\\n').filter(Boolean).map((one) => ({ oid: one }));
  }
  const wanted = flag('json').split(',');
  const unknown = wanted.find((field) => !FIELDS.includes(field));
  if (unknown) end(1, '', 'Unknown JSON field: "' + unknown + '"\\n');
  return Object.fromEntries(wanted.map((field) => [field, whole[field]]));
};
if (command === 'pr list') {
  const found = state.pulls.filter((pull) => pull.headRefName === flag('head') && pull.baseRefName === flag('base'));
  end(0, JSON.stringify(found.filter((pull) => flag('state') === 'all' || pull.state === 'OPEN').map(shown)));
}
if (command === 'pr view') {
  const pull = state.pulls.find(({ number }) => String(number) === args[2]);
  if (!pull) end(1, '', 'GraphQL: Could not resolve to a PullRequest with the number of ' + args[2] + '.\\n');
  end(0, JSON.stringify(shown(pull)));
}
if (command === 'pr create') {
  const body = flag('body-file') === '-' ? fs.readFileSync(0, 'utf8') : null;
  const [head, base, title] = [flag('head'), flag('base'), flag('title')];
  if (!title || body === null) end(1, '', 'must provide --title and --body (or --fill) when not running interactively\\n');
  const open = state.pulls.find((pull) => pull.headRefName === head && pull.baseRefName === base && pull.state === 'OPEN');
  if (open) end(1, '', 'a pull request for branch "' + head + '" into branch "' + base + '" already exists:\\n' + open.url + '\\n');
  if (!oid('refs/heads/' + head)) end(1, '', "pull request create failed: GraphQL: Head sha can't be blank (createPullRequest)\\n");
  if (!git('rev-list', 'refs/heads/' + head, '^refs/heads/' + base)) end(1, '', 'pull request create failed: GraphQL: No commits between ' + base + ' and ' + head + ' (createPullRequest)\\n');
  const number = state.pulls.length + 11;
  const url = 'https://git.example.test/owner/app/pull/' + number;
  state.pulls.push({ number, url, state: 'OPEN', headRefName: head, baseRefName: base, title, body, isCrossRepository: false });
  if (troubled) fail();
  end(0, url + '\\n', 'Creating pull request for ' + head + ' into ' + base + ' in owner/app\\n');
}
end(1, '', 'unknown command "' + command + '" for "gh"\\n');
`;
