/** Up to five of `names` that are closest to `wanted`, nearest first; none that differ in more than half of it. */
export function nearNames(wanted: string, names: Iterable<string>): string[] {
  const limit = Math.max(2, Math.floor(wanted.length / 2));
  const scored: [number, string][] = [];
  for (const name of new Set(names)) {
    if (Math.abs(name.length - wanted.length) > limit) {
      if (name.includes(wanted)) scored.push([limit, name]);
      continue;
    }
    const distance = editDistance(wanted, name);
    if (distance <= limit) scored.push([distance, name]);
  }
  return scored
    .sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1))
    .slice(0, 5)
    .map(([, name]) => name);
}

/** Insertions, removals and replacements that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
