const MOST_NEAR = 5;

/** Up to five of `names` that are closest to `wanted`, nearest first; none that differ in more than half of it. */
export function nearNames(wanted: string, names: Iterable<string>): string[] {
  const farthest = Math.max(2, Math.floor(wanted.length / 2));
  const near: (readonly [number, string])[] = [];
  const letters = lettersOf(wanted);
  // Once there are enough, only what is as near as the last of them counts: that ends nearly every comparison early.
  const limit = (): number => (near.length < MOST_NEAR ? farthest : (near.at(-1)?.[0] ?? farthest));
  for (const name of names) {
    const distance =
      Math.abs(name.length - wanted.length) > farthest
        ? name.includes(wanted)
          ? farthest
          : Infinity
        : lettersApart(letters, wanted.length, name) > limit()
          ? Infinity
          : editDistance(wanted, name, limit());
    if (distance > limit() || near.some(([, known]) => known === name)) continue;
    near.push([distance, name]);
    near.sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1));
    near.length = Math.min(near.length, MOST_NEAR);
  }
  return near.map(([, name]) => name);
}

/** Offers names that are close to one that does not exist: ``did you mean `shop/db`, `shop/web`?``; '' for none. */
export function didYouMean(near: readonly string[]): string {
  if (near.length === 0) return '';
  return `did you mean ${[...new Set(near)].map((name) => `\`${name}\``).join(', ')}?`;
}

function lettersOf(text: string): Int32Array {
  const counts = new Int32Array(128);
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i) & 127;
    counts[letter] = (counts[letter] as number) + 1;
  }
  return counts;
}

const left = new Int32Array(128);

/** No more than the edit distance: letters of the one that the other does not have, whichever has more of them. */
function lettersApart(letters: Int32Array, wantedLength: number, name: string): number {
  left.set(letters);
  let extra = 0;
  for (let i = 0; i < name.length; i++) {
    const letter = name.charCodeAt(i) & 127;
    const count = left[letter] as number;
    if (count > 0) left[letter] = count - 1;
    else extra++;
  }
  return Math.max(extra, wantedLength - (name.length - extra));
}

/** Insertions, removals, replacements and swaps of neighbours that turn `a` into `b`; Infinity when there are more than `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  let before = row;
  let leastBefore = 0;
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? (before[j - 2] as number) + 1 : Infinity;
      const fewest = Math.min(replace, swap, (row[j] as number) + 1, (next[j - 1] as number) + 1);
      next.push(fewest);
      least = Math.min(least, fewest);
    }
    if (least > limit && leastBefore >= limit) return Infinity;
    [before, row, leastBefore] = [row, next, least];
  }
  return row[b.length] as number;
}
