// npm run test:clis
// Installs the real Claude Code and Codex CLIs into .cache/clis (they are no dependencies: their licences are their
// own), and runs the tests that need them against a mock on this machine. No key is used and no model is paid.
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const FOLDER = path.join(ROOT, '.cache', 'clis');
const PACKAGES = ['@anthropic-ai/claude-code@2', '@openai/codex@0'];

function run(command, args, cwd) {
  const shell = process.platform === 'win32' && command === 'npm';
  return new Promise((resolve, reject) => {
    spawn(command, args, { cwd, stdio: 'inherit', shell })
      .on('error', reject)
      .on('close', (code) =>
        code === 0 ? resolve() : reject(new Error(`${command} ${args[0]} ended with ${code}`)),
      );
  });
}

async function install() {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(path.join(FOLDER, 'package.json'), '{ "private": true }\n');
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...PACKAGES], FOLDER);
  // Puts the program of this platform in its place; npm does not run it without being asked.
  await run(process.execPath, ['node_modules/@anthropic-ai/claude-code/install.cjs'], FOLDER);
}

try {
  await install();
  const jest = path.join('node_modules', 'jest', 'bin', 'jest.js');
  await run(process.execPath, [path.join('scripts', 'bootstrap.mjs'), '--then', jest, 'test/clis'], ROOT);
} catch (error) {
  process.stderr.write(
    `test:clis: ${error.message}; check that the npm registry can be reached, then try again\n`,
  );
  process.exitCode = 1;
}
