import type { CompiledSnapshot } from '#engine';

/** Names that texts may give away. */
export interface KnownNames {
  readonly namespaces: ReadonlySet<string>;
  /** Of nodes, cluster-wide policies and whatever else is in no namespace. */
  readonly clusterScoped: ReadonlySet<string>;
}

export function knownNames({ index }: CompiledSnapshot): KnownNames {
  const facts = [...index.policies, ...index.rejected, ...index.hidden, ...[...index.aux.values()].flat()];
  const clusterScoped = [...index.nodes, ...facts].filter(({ meta }) => meta.namespace === '');
  return {
    namespaces: new Set(index.namespaces.keys()),
    clusterScoped: new Set(clusterScoped.map(({ meta }) => meta.name)),
  };
}

/**
 * The namespaces, out of those that exist, that a value may name anywhere in its texts, and '' when it may name something
 * that is in none; sorted. Words are compared, so a namespace that is called as a label is taken for mentioned: who may
 * not see it then sees less, never more.
 */
export function mentionsIn(value: unknown, { namespaces, clusterScoped }: KnownNames): string[] {
  const text = JSON.stringify(value);
  const words = text.match(WORD) ?? [];
  const names = [...words, ...(text.match(DOTTED) ?? [])];
  const outside = names.some((name) => clusterScoped.has(name)) ? [''] : [];
  return [...outside, ...[...new Set(words)].filter((word) => namespaces.has(word)).sort()];
}

/** What a namespace's name may be made of; anything else parts words. */
const WORD = /[a-z0-9]+(?:-+[a-z0-9]+)*/g;
/** The same with the dots that names of nodes may have. */
const DOTTED = /[a-z0-9]+(?:[-.]+[a-z0-9]+)+/g;
