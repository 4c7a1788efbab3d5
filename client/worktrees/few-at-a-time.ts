/** Does it with all of them, with at most so many at a time. @returns what came of each, in their order */
export async function fewAtATime<T, R>(
  most: number,
  all: readonly T[],
  work: (one: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < all.length; at += most)
    results.push(...(await Promise.all(all.slice(at, at + most).map(work))));
  return results;
}
