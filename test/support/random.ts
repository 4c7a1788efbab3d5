/** From 0 up to 1, the same for the same numbers (the finalizer of MurmurHash3). */
export function random(seed: number, n: number): number {
  let hash = (seed * 0x9e3779b1 + n) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
