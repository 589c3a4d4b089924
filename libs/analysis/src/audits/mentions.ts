/**
 * The namespaces, out of those that exist, that a value may name anywhere in its texts; sorted. Words are compared, so a
 * namespace that is called as a label is taken for mentioned: who may not see it then sees less, never more.
 */
export function mentionsIn(value: unknown, namespaces: ReadonlySet<string>): string[] {
  const words = JSON.stringify(value).match(WORD) ?? [];
  return [...new Set(words)].filter((word) => namespaces.has(word)).sort();
}

/** What a namespace's name may be made of; anything else parts words. */
const WORD = /[a-z0-9]+(?:-+[a-z0-9]+)*/g;
