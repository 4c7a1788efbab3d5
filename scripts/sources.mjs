import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..');

/** The build leaves here which sources it is of. */
export const BUILD_STAMP = path.join(ROOT, 'dist', '.build-stamp');

const FOLDERS = [
  'domain',
  'processes',
  'db',
  'git',
  'agents',
  'services',
  'hosting',
  'notify',
  'activities',
  'workflows',
  'worker',
  'client',
  'bench',
];
const FILES = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'scripts/build.mjs'];

/** The content of a file; null when there is none. */
export function readOrNull(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  }
}

function sourceFiles() {
  const found = FOLDERS.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true })
      .filter((name) => /\.(ts|json)$/.test(name))
      .map((name) => path.join(folder, name)),
  );
  return [...found, ...FILES].sort();
}

/** One hash of everything that the build is made from. */
export function hashSources() {
  const hash = createHash('sha256');
  for (const file of sourceFiles()) hash.update(`${file}\0${readFileSync(path.join(ROOT, file))}\0`);
  return hash.digest('hex');
}
