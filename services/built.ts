import path from 'node:path';

/** The compiled form of one of the project's modules, whether this one is compiled itself or not. */
export function built(file: string): string {
  const above = path.join(__dirname, '..');
  const dist = path.basename(above) === 'dist' ? above : path.join(above, 'dist');
  return path.join(dist, file);
}
