import { matchesLabels, type LabelQuery } from '#contracts';

/** Which clusters, or which namespaces: those that a pattern or the label query matches. */
export interface NameSet {
  /** Names, or globs: `*` stands for any text, `?` for one character. */
  readonly names: readonly string[];
  /** Null when labels do not matter. */
  readonly labels: LabelQuery | null;
}

/** Stands for "no namespace" in a set of namespaces, as it does in paths. */
export const NO_NAMESPACE = '-';

/** Every name there is. */
export const ALL_NAMES: NameSet = { names: ['*'], labels: null };

/** True when nothing can be outside of the set. */
export function isEverything(set: NameSet): boolean {
  return set.names.includes('*');
}

/** Whether the set holds what has this name and these labels. */
export function holds(set: NameSet, name: string, labels: Readonly<Record<string, string>>): boolean {
  return (
    set.names.some((glob) => matchesGlob(glob, name)) || (set.labels !== null && matchesLabels(set.labels, labels))
  );
}

/** Whether the name matches a glob as a whole. Linear in the lengths' product at worst. */
export function matchesGlob(glob: string, name: string): boolean {
  let at = 0;
  let text = 0;
  let star = -1;
  let resume = 0;
  while (text < name.length) {
    if (at < glob.length && glob[at] === '*') {
      star = at++;
      resume = text;
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === name[text])) {
      at++;
      text++;
    } else if (star >= 0) {
      at = star + 1;
      text = ++resume;
    } else return false;
  }
  while (glob[at] === '*') at++;
  return at === glob.length;
}
