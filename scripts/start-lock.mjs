import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readOrNull, ROOT } from './sources.mjs';

const LOCK = path.join(ROOT, '.cache', 'bootstrap.lock');
const POLL_MS = 100;
/** After a crash of the machine, the number of a lock's owner may be that of another process. Empty where nobody can tell. */
const BOOT = readOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
/** Whoever takes the lock writes who it is at once: one that is empty for longer is what a full disk or a crash left. */
const EMPTY_MS = 2_000;

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** @param {string} seen what is in the lock */
function isLeftOver(seen) {
  const [pid = '', , boot = ''] = seen.split(' ');
  if (pid === '')
    return Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > EMPTY_MS;
  return (boot !== '' && boot !== BOOT) || !isAlive(Number(pid));
}

function tryToTake(content) {
  try {
    writeFileSync(LOCK, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Another process may have replaced the dead one's lock meanwhile: then its lock is put back. */
function removeDead(seen) {
  const aside = `${LOCK}.${process.pid}`;
  try {
    renameSync(LOCK, aside);
    if (readOrNull(aside) !== seen) linkSync(aside, LOCK);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
  rmSync(aside, { force: true });
}

/**
 * Runs `work` while no other start of this clone does. The lock of a process that is gone is removed.
 * @param {(pid: number) => void} onWait called once when another process has to be waited for
 */
export async function alone(work, onWait) {
  mkdirSync(path.dirname(LOCK), { recursive: true });
  const content = `${process.pid} ${randomUUID()} ${BOOT}`;
  let told = false;
  while (!tryToTake(content)) {
    const seen = readOrNull(LOCK);
    if (seen === null) continue;
    const owner = Number.parseInt(seen, 10);
    if (isLeftOver(seen)) removeDead(seen);
    else {
      if (!told && owner > 0) onWait(owner);
      told ||= owner > 0;
      await sleep(POLL_MS);
    }
  }
  const release = () => readOrNull(LOCK) === content && rmSync(LOCK, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}
