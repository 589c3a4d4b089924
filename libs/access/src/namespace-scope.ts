import { matchesLabels, type LabelQuery } from '#contracts';
import { ALL_NAMES, isEverything, matchesGlob, NO_NAMESPACE, type NameSet } from './name-set.js';

/** Labels of a snapshot's namespaces by name. */
export type NamespaceLabels = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** The namespaces of one cluster that a caller may know of. */
export class NamespaceScope {
  /** True when nothing is left out, so that nobody need ask. */
  readonly isWhole: boolean;
  /** Globs that show a namespace by its name. */
  readonly globs: readonly string[];
  /** Whether what has no namespace (nodes, cluster-wide policies) is shown. */
  readonly seesClusterScoped: boolean;
  private readonly queries: readonly LabelQuery[];
  private labelled: ReadonlySet<string> = new Set();
  private readonly known = new Map<string, boolean>();

  constructor(sets: readonly NameSet[]) {
    const names = sets.flatMap((set) => set.names);
    this.isWhole = sets.some(isEverything);
    this.seesClusterScoped = this.isWhole || names.includes(NO_NAMESPACE);
    this.globs = [...new Set(names.filter((name) => name !== NO_NAMESPACE))].sort();
    this.queries = sets.flatMap((set) => (set.labels === null ? [] : [set.labels]));
  }

  /** True when the labels of the snapshot's namespaces decide: give them to `withLabels` first. */
  get needsLabels(): boolean {
    return !this.isWhole && this.queries.length > 0;
  }

  /** The same scope, with the namespaces that a label query shows in one snapshot. */
  withLabels(labels: NamespaceLabels): NamespaceScope {
    const scope = new NamespaceScope([{ names: this.names(), labels: null }]);
    scope.labelled = new Set(
      [...labels].filter(([, of]) => this.queries.some((query) => matchesLabels(query, of))).map(([name]) => name),
    );
    return scope;
  }

  /** Namespaces that a label query shows, sorted. */
  get labelledNames(): readonly string[] {
    return [...this.labelled].sort();
  }

  /** Whether the caller may know of a namespace; '' is what has none. */
  readonly sees = (namespace: string): boolean => {
    if (this.isWhole) return true;
    if (namespace === '') return this.seesClusterScoped;
    const known = this.known.get(namespace);
    if (known !== undefined) return known;
    const seen = this.labelled.has(namespace) || this.globs.some((glob) => matchesGlob(glob, namespace));
    this.known.set(namespace, seen);
    return seen;
  };

  /** Whether the caller may know of an object. A Namespace is where its name is, not where it is stored. */
  readonly seesObject = (kindId: string, namespace: string, name: string): boolean =>
    this.sees(kindId === 'Namespace' ? name : namespace);

  /** Equal for equal scopes of one snapshot. */
  get key(): string {
    return this.isWhole ? '*' : JSON.stringify([this.names(), this.labelledNames]);
  }

  private names(): readonly string[] {
    return this.seesClusterScoped ? [...this.globs, NO_NAMESPACE] : this.globs;
  }
}

/** Everything of a cluster. */
export const WHOLE_SCOPE = new NamespaceScope([ALL_NAMES]);
