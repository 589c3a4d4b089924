import { type NormaliseResult, field, path, text } from '#engine';

import type { ServedKind } from './discovery.js';
import { type KindList, collect, readObject } from './kind-reader.js';
import { KubeFault } from './kube-fault.js';
import { nameOf } from './object-name.js';
import { isOlderVersion } from './resource-version.js';

const END = 'k8s.io/initial-events-end';

/** The last event of an object: what was read of it, null when it is gone. */
interface Latest {
  readonly version: string;
  readonly read: NormaliseResult | null;
}

/**
 * The objects of a streamed list (WatchList): they come as events until a bookmark says that these were all. Changes
 * of the meantime come among them: an object may be there twice, or be gone again before the end.
 */
export class InitialList {
  private readonly latest = new Map<string, Latest>();
  /** Resolves when the list is whole. */
  readonly ended: Promise<void>;
  end: () => void = () => undefined;

  constructor(private readonly kind: ServedKind) {
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  /** Takes one event. Throws `KubeFault` when it is older than what came before of the same object. */
  add(object: unknown, isGone: boolean): void {
    const metadata = field(object, 'metadata');
    const name = nameOf(metadata);
    const version = text(field(metadata, 'resourceVersion'));
    if (isOlderVersion(version, this.latest.get(name)?.version ?? '')) {
      throw new KubeFault('protocol', `the list of ${this.kind.watched.resource} came out of order`);
    }
    this.latest.set(name, { version, read: isGone ? null : readObject(object, this.kind) });
  }

  /** Whether a bookmark is the one after the last object. */
  endsWith(bookmark: unknown): boolean {
    return text(path(bookmark, 'metadata', 'annotations', END)) === 'true';
  }

  /** What was listed, as of the bookmark that ended it. */
  result(bookmark: unknown): Omit<KindList, 'isWhole'> {
    const resourceVersion = text(path(bookmark, 'metadata', 'resourceVersion'));
    const out: Omit<KindList, 'isWhole'> = { facts: [], problems: [], versions: new Map(), resourceVersion };
    for (const [name, { version, read }] of this.latest) {
      if (read === null) continue;
      collect(read, this.kind, out);
      out.versions.set(name, version);
    }
    return out;
  }
}
