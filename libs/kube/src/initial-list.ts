import { type ClusterProblem } from '#contracts';
import { type Fact, path, text } from '#engine';

import type { ServedKind } from './discovery.js';
import { type KindList, collect, noteVersion, readObject } from './kind-reader.js';

const END = 'k8s.io/initial-events-end';

/** The objects of a streamed list (WatchList): they come as events until a bookmark says that these were all. */
export class InitialList {
  readonly facts: Fact[] = [];
  readonly problems: ClusterProblem[] = [];
  private readonly versions = new Map<string, string>();
  /** Resolves when the list is whole. */
  readonly ended: Promise<void>;
  end: () => void = () => undefined;

  constructor(private readonly kind: ServedKind) {
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  add(object: unknown): void {
    collect(readObject(object, this.kind), this.kind, this);
    noteVersion(object, this.versions);
  }

  /** Whether a bookmark is the one after the last object. */
  endsWith(bookmark: unknown): boolean {
    return text(path(bookmark, 'metadata', 'annotations', END)) === 'true';
  }

  /** What was listed, as of the bookmark that ended it. */
  result(bookmark: unknown): Omit<KindList, 'isWhole'> {
    const resourceVersion = text(path(bookmark, 'metadata', 'resourceVersion'));
    return { facts: this.facts, problems: this.problems, versions: this.versions, resourceVersion };
  }
}
