// Compiles the sources and bundles the workflows, beside the present build, and then puts the
// result in its place: who runs the program meanwhile never sees half of it.
import { spawn } from 'node:child_process';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { freshIn, oldOf, removeLeftovers } from './build-leftovers.mjs';
import { BUILD_STAMP, hashSources, ROOT } from './sources.mjs';

const DIST = path.join(ROOT, 'dist');
const CACHE = path.join(ROOT, '.cache');

function compile(outDir) {
  const tsc = path.join(ROOT, 'node_modules/typescript-native/bin/tsc');
  // The result is moved afterwards: relative paths in its source maps would lead nowhere.
  const sourceRoot = `${pathToFileURL(ROOT).href}/`;
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir, '--sourceRoot', sourceRoot];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error('the sources do not compile'))));
  });
}

async function bundleWorkflows(folder) {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const workflowsPath = path.join(folder, 'workflows/index.js');
  // Keeps no state, and brings most of the bundle's code along: each workflow that is cached would have a copy of its own.
  const preloadModules = [path.join(folder, 'domain/session/run-input.js')];
  const logger = new DefaultLogger('WARN');
  const { code } = await bundleWorkflowCode({ workflowsPath, preloadModules, logger });
  await writeFile(path.join(folder, 'workflow-bundle.js'), code);
}

async function replaceDist(fresh) {
  const old = oldOf(fresh);
  await rename(DIST, old).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(fresh, DIST);
  await rm(old, { recursive: true, force: true });
}

async function build() {
  // Taken before compiling: what is edited meanwhile is built by the next start.
  const stamp = hashSources();
  await removeLeftovers(CACHE);
  const fresh = freshIn(CACHE);
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  try {
    await compile(fresh);
    await bundleWorkflows(fresh);
    await chmod(path.join(fresh, 'client/main.js'), 0o755);
    await writeFile(path.join(fresh, path.basename(BUILD_STAMP)), `${stamp}\n`);
    await replaceDist(fresh);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

build().catch((error) => {
  process.stderr.write(`build failed: ${error.message}\n`);
  process.exitCode = 1;
});
