/** Where a list, from a place on, begins to meet a condition that all later members meet too; `to` where none does. */
export function firstThat<T>(list: readonly T[], holds: (member: T) => boolean, from = 0, to = list.length): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(list[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
