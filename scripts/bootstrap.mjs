// node scripts/bootstrap.mjs [--quiet] [--then SCRIPT ARGS...]
// Installs and builds what is missing, and then goes on as `node SCRIPT ARGS...`.
// It needs nothing but Node, and is done at once when there is nothing to do.
import { spawn } from 'node:child_process';
import Module from 'node:module';
import path from 'node:path';

const OLDEST_NODE = [20, 19];

function isNodeTooOld() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** Runs a step with its output on stderr; a quiet one shows it only if it fails. */
function run(command, args, { cwd, quiet, env, shell }) {
  return new Promise((resolve) => {
    const output = quiet ? 'pipe' : 2;
    const child = spawn(command, args, { cwd, env, shell, stdio: ['ignore', output, output] });
    let kept = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (kept += text));
    child.on('error', (error) => resolve({ ok: false, kept: error.message }));
    child.on('close', (code) => resolve({ ok: code === 0, kept }));
  });
}

async function step(line, remedy, command, args, options) {
  const started = Date.now();
  process.stderr.write(`yokeflow: ${line} ...\n`);
  const { ok, kept } = await run(command, args, options);
  if (!ok) fail(`${kept}yokeflow: ${line} failed: ${remedy}`);
  process.stderr.write(`yokeflow: ${line}: done in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

function installDependencies(cwd, quiet) {
  // `npm run -s` hands its silence down, which would hide errors; NODE_ENV would leave out the compiler.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const [command, first] = npm && /\.[cm]?js$/.test(npm) ? [process.execPath, [npm]] : ['npm', []];
  const shell = command === 'npm' && process.platform === 'win32';
  const remedy = 'check that the npm registry can be reached, then try again';
  return step('installing dependencies (npm ci)', remedy, command, [...first, ...args], {
    cwd,
    quiet,
    shell,
  });
}

async function setUp(quiet) {
  const { BUILD_STAMP, hashSources, readOrNull, ROOT } = await import('./sources.mjs');
  const { dependenciesAreCurrent, stampDependencies } = await import('./dependencies.mjs');
  const { alone } = await import('./start-lock.mjs');
  const buildIsCurrent = () => readOrNull(BUILD_STAMP)?.trim() === hashSources();
  if (dependenciesAreCurrent() && buildIsCurrent()) return;
  const work = async () => {
    if (!dependenciesAreCurrent()) {
      await installDependencies(ROOT, quiet);
      stampDependencies();
    }
    if (buildIsCurrent()) return;
    const remedy = 'correct what is reported above, then try again';
    const script = path.join(ROOT, 'scripts/build.mjs');
    await step('building', remedy, process.execPath, [script], { cwd: ROOT, quiet });
  };
  await alone(work, (pid) =>
    process.stderr.write(`yokeflow: waiting for process ${pid}, which sets up too\n`),
  );
}

/** In this same process: signals, the terminal and the exit code are the script's own. */
function goOnAs(script, args) {
  process.argv = [process.execPath, path.resolve(script), ...args];
  Module.runMain();
}

async function main() {
  if (isNodeTooOld()) {
    fail(
      `YokeFlow needs Node ${OLDEST_NODE.join('.')} or later, and this is ${process.versions.node}: install a newer Node`,
    );
  }
  const args = process.argv.slice(2);
  const then = args.indexOf('--then');
  await setUp((then === -1 ? args : args.slice(0, then)).includes('--quiet'));
  if (then === -1) return;
  const [script, ...rest] = args.slice(then + 1);
  if (!script) fail('usage: node scripts/bootstrap.mjs [--quiet] [--then SCRIPT ARGS...]');
  const { ROOT } = await import('./sources.mjs');
  goOnAs(path.resolve(ROOT, script), rest);
}

void main();
