/** Where a value stands in a sorted list, or would: after all that are before it. By halving, so the list is hardly looked at. */
export function placeIn<T>(sorted: readonly T[], isBefore: (other: T) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
