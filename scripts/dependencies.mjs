import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readOrNull, ROOT } from './sources.mjs';

const LOCKFILE = path.join(ROOT, 'package-lock.json');
const STAMP = path.join(ROOT, 'node_modules', '.yokeflow-lock');
/** npm writes it last, about what it installed. */
const INSTALLED = path.join(ROOT, 'node_modules', '.package-lock.json');

const hashOfLockfile = () => createHash('sha256').update(readOrNull(LOCKFILE)).digest('hex');

/** Whether an `npm install` by hand already put in place what the lock file asks for. */
function isInstalledByHand() {
  const installed = JSON.parse(readOrNull(INSTALLED) ?? '{}').packages ?? {};
  return Object.entries(JSON.parse(readOrNull(LOCKFILE)).packages).every(([name, wanted]) => {
    const present = installed[name];
    return name === '' || (present ? present.version === wanted.version : wanted.optional === true);
  });
}

/** Whether node_modules is what package-lock.json asks for. */
export function dependenciesAreCurrent() {
  const stamp = readOrNull(STAMP);
  if (stamp !== null) return stamp === hashOfLockfile() && readOrNull(INSTALLED) !== null;
  if (!isInstalledByHand()) return false;
  stampDependencies();
  return true;
}

/** Records that node_modules belongs to the present package-lock.json. */
export function stampDependencies() {
  writeFileSync(STAMP, hashOfLockfile());
}
