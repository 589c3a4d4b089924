import { fieldManager, field, objectKey, path, text } from '#engine';
import type { ObjectRef } from '#engine';
import type { Log } from '#telemetry';

import { Backoff, isAborted, pause } from './backoff.js';
import type { ServedKind } from './discovery.js';
import { InitialList } from './initial-list.js';
import { type KindList, eachVersion, listKind, readObject } from './kind-reader.js';
import { KubeFault, connectionFault, statusFault } from './kube-fault.js';
import type { KubeTransport } from './kube-transport.js';
import { readLines } from './line-stream.js';
import { nameOf } from './object-name.js';
import { isOlderVersion } from './resource-version.js';
import type { KindPosition, SourceSink } from './source-event.js';
import type { WatchSettings } from './watch-settings.js';

/** What a watcher needs of the source it belongs to. */
export interface WatcherHost {
  readonly transport: KubeTransport;
  readonly settings: WatchSettings;
  readonly sink: SourceSink;
  readonly log: Log;
  /** Whether the server sends the objects that are there as the start of a watch (WatchList). */
  offersStreamedLists: boolean;
  /** Runs a first list when there is room: all kinds at once would be a burst on the server. */
  readonly withListSlot: <T>(work: () => Promise<T>) => Promise<T>;
  /** Told when a kind was listed, or said to be out of reach. */
  readonly onSettled: () => void;
  /** Told when a kind is no longer served. */
  readonly onVanished: () => void;
}

/** How a kind stands: `fault` is what keeps it from being current, null when nothing does. */
export interface WatcherHealth {
  /** Everything reported of the kind was true at this time (ms); null before the first list. */
  readonly freshAt: number | null;
  readonly fault: KubeFault | null;
  /** Attempts in a row that failed: a watch that is cut once is no trouble yet. */
  readonly failures: number;
}

/** A watch that was just opened still has the events since its start to deliver. */
const CATCH_UP_MS = 1_000;
/** An open watch that dies at once is repeated no faster than this. */
const MIN_WATCH_MS = 1_000;

/** Lists one kind, watches it, and does so again after every trouble until it is stopped. */
export class KindWatcher {
  private readonly stopping = new AbortController();
  private readonly backoff: Backoff;
  private attempt = new AbortController();
  private resourceVersion = '';
  private listedAt = 0;
  private seenAt: number | null = null;
  private openedAt: number | null = null;
  private fault: KubeFault | null = null;
  private garbage = 0;
  private failures = 0;
  /** The version of each object that was reported last; null when this watcher has not listed. */
  private versions: Map<string, string> | null = null;
  /** Objects that were there when the watch began, while the server sends them. */
  private initial: InitialList | null = null;
  private streamFailed = false;
  private done: Promise<void> | null = null;

  /** `from`: where an earlier process was; null to begin with a list. */
  constructor(
    readonly kind: ServedKind,
    private readonly host: WatcherHost,
    from: KindPosition | null,
  ) {
    this.backoff = new Backoff(host.settings.backoff);
    if (from === null) return;
    this.resourceVersion = from.resourceVersion;
    this.listedAt = from.listedAt;
  }

  start(): void {
    this.done ??= this.run();
  }

  /** Ends all requests; resolves when nothing more will be reported. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.attempt.abort();
    await this.done;
  }

  /** Lists again from the start. */
  resync(): void {
    this.resourceVersion = '';
    this.attempt.abort();
  }

  /** Everything up to here was reported; null when that cannot be said. */
  position(): KindPosition | null {
    const { resourceVersion, listedAt } = this;
    return resourceVersion === '' ? null : { path: this.kind.path, resourceVersion, listedAt };
  }

  health(): WatcherHealth {
    const hasCaughtUp = this.openedAt !== null && Date.now() - this.openedAt >= CATCH_UP_MS && this.initial === null;
    const freshAt = Math.max(this.seenAt ?? 0, hasCaughtUp ? (this.openedAt ?? 0) : 0);
    return { freshAt: freshAt === 0 ? null : freshAt, fault: this.fault, failures: this.failures };
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.attempt = new AbortController();
      try {
        if (await this.needsList(this.attempt.signal)) await this.list(this.attempt.signal);
        else await this.watch(this.attempt.signal);
      } catch (error) {
        if (isAborted(this.stopping.signal)) break;
        // Ended by resync(): not a fault.
        if (this.attempt.signal.aborted) continue;
        await this.recover(error);
      } finally {
        this.openedAt = null;
        this.initial = null;
      }
    }
  }

  /** A list that is only due is spared when the names and versions on the server are those that were reported. */
  private async needsList(signal: AbortSignal): Promise<boolean> {
    if (this.resourceVersion === '') return true;
    if (Date.now() - this.listedAt < this.host.settings.resyncIntervalMs) return false;
    const { versions } = this;
    if (versions === null || !(await this.host.withListSlot(() => this.isAsReported(versions, signal)))) return true;
    this.listedAt = Date.now();
    this.progress();
    return false;
  }

  /** Whether the server has nothing but what was reported, and what the watch will still tell. */
  private async isAsReported(versions: ReadonlyMap<string, string>, signal: AbortSignal): Promise<boolean> {
    let known = 0;
    let strange = 0;
    await eachVersion(
      this.host.transport,
      this.kind,
      { signal, pageSize: this.host.settings.pageSize },
      (name, version) => {
        const reported = versions.get(name);
        if (reported !== undefined) known += 1;
        if (reported !== version && !isOlderVersion(this.resourceVersion, version)) strange += 1;
      },
    );
    signal.throwIfAborted();
    return strange === 0 && known === versions.size;
  }

  /** Lists in pages; what is longer than a page comes as a stream where the server has that, and the watch goes on from it. */
  private async list(signal: AbortSignal): Promise<void> {
    const { transport, settings, withListSlot } = this.host;
    const mayStream = this.host.offersStreamedLists && !this.streamFailed;
    const { watching } = await withListSlot(async () => {
      signal.throwIfAborted();
      const found = await listKind(transport, this.kind, {
        signal,
        pageSize: settings.pageSize,
        firstPageOnly: mayStream,
      });
      signal.throwIfAborted();
      if (found.isWhole) {
        this.listed(found);
        return { watching: null };
      }
      const initial = (this.initial = new InitialList(this.kind));
      const stream = this.watch(signal);
      // The slot is held for as long as the list lasts, not the watch.
      await Promise.race([initial.ended, stream]);
      return { watching: stream };
    });
    await watching;
  }

  private listed({ facts, problems, versions, resourceVersion }: Omit<KindList, 'isWhole'>): void {
    this.resourceVersion = resourceVersion;
    this.versions = versions;
    this.listedAt = Date.now();
    this.garbage = 0;
    this.progress();
    this.host.sink({ type: 'list', kind: this.kind.id, facts, problems, complete: true });
    this.host.onSettled();
  }

  private async watch(signal: AbortSignal): Promise<void> {
    const { settings, transport } = this.host;
    const what = this.kind.watched.resource;
    const query = new URLSearchParams({
      watch: 'true',
      allowWatchBookmarks: 'true',
      ...(this.initial === null
        ? { resourceVersion: this.resourceVersion }
        : { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }),
      // Spread, so that the watches of all kinds do not end together.
      timeoutSeconds: String(Math.ceil(settings.watchTimeoutSeconds * (0.75 + Math.random() / 4))),
    });
    const openedAt = Date.now();
    const stream = await transport.open(`${this.kind.path}?${query.toString()}`, { signal, what });
    this.openedAt = openedAt;
    this.fault = null;
    this.failures = 0;
    await readLines(stream, { stallAfterMs: settings.stallAfterMs, what }, (line) => this.onLine(line));
    signal.throwIfAborted();
    if (this.initial !== null) throw new KubeFault('protocol', `the list of ${what} ended half way`);
    const lasted = Date.now() - openedAt;
    if (lasted < MIN_WATCH_MS) await pause(MIN_WATCH_MS - lasted, signal);
  }

  private onLine(line: string): void {
    let event: unknown;
    try {
      event = JSON.parse(line);
    } catch (error) {
      throw this.garbled('a line that is not JSON', error);
    }
    const type = text(field(event, 'type'));
    const object = field(event, 'object');
    if (type === 'ERROR') throw watchError(object, this.kind.watched.resource);
    if (object === undefined) throw this.garbled(`an event without an object`);
    if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED' && type !== 'BOOKMARK') {
      throw this.garbled('an event of an unknown type');
    }
    if (this.initial !== null) {
      this.seenInitial(this.initial, object, type);
      return;
    }
    const version = text(path(object, 'metadata', 'resourceVersion'));
    if (isOlderVersion(version, this.resourceVersion)) {
      // What came between may be lost: only a list tells.
      this.resourceVersion = '';
      throw new KubeFault('protocol', `the watch of ${this.kind.watched.resource} sent events out of order`);
    }
    if (type !== 'BOOKMARK') {
      this.report(object, type === 'DELETED');
      const name = nameOf(field(object, 'metadata'));
      if (type === 'DELETED') this.versions?.delete(name);
      else this.versions?.set(name, version);
    }
    if (version !== '') this.resourceVersion = version;
    this.garbage = 0;
    this.progress();
  }

  private seenInitial(initial: InitialList, object: unknown, type: string): void {
    if (type !== 'BOOKMARK') {
      initial.add(object, type === 'DELETED');
      return;
    }
    if (!initial.endsWith(object)) return;
    this.initial = null;
    this.listed(initial.result(object));
    initial.end();
  }

  private report(object: unknown, gone: boolean): void {
    const { fact, diagnostics } = readObject(object, this.kind);
    const ref = fact?.meta ?? this.refOf(object);
    if (ref.name === '') {
      this.host.log.warn('an object could not be read', { kind: this.kind.id, why: diagnostics[0]?.message });
      return;
    }
    const { group, kind, namespace, name } = ref;
    const change = { group, kind, namespace, name };
    this.host.log.debug('watch event', { key: objectKey(change), gone });
    // Who deleted an object is not in it.
    const manager = gone ? '' : fieldManager(object);
    this.host.sink({ type: 'change', kind: this.kind.id, ref: change, fact: gone ? null : fact, manager });
  }

  private refOf(object: unknown): ObjectRef {
    const { group, kind, namespaced } = this.kind.watched;
    const namespace = namespaced ? text(path(object, 'metadata', 'namespace')) : '';
    return { group, kind, namespace, name: text(path(object, 'metadata', 'name')) };
  }

  private progress(): void {
    this.seenAt = Date.now();
    this.fault = null;
    this.failures = 0;
    this.backoff.reset();
  }

  /** Garbage at the same place twice will not go away by reading it again: list instead. */
  private garbled(what: string, cause?: unknown): KubeFault {
    this.garbage += 1;
    if (this.garbage > 1) this.resourceVersion = '';
    return new KubeFault('protocol', `the watch of ${this.kind.watched.resource} sent ${what}`, 0, cause);
  }

  private async recover(error: unknown): Promise<void> {
    const fault = error instanceof KubeFault ? error : connectionFault(error, this.host.transport.server);
    const { log, settings } = this.host;
    if (fault.type === 'expired') {
      // Normal after a long silence or a compaction; only a repeated one deserves patience.
      this.resourceVersion = '';
      log.info('resource version expired, listing again', { kind: this.kind.id });
      await this.wait(this.backoff.next());
      return;
    }
    // Whatever a server that cannot stream says, pages work everywhere.
    if (this.initial !== null && (fault.type === 'refused' || fault.type === 'protocol')) this.streamFailed = true;
    this.fault = fault;
    this.failures += 1;
    log.warn('reading a kind failed', { kind: this.kind.id, fault: fault.type, why: fault.message });
    if (fault.type === 'forbidden' || fault.type === 'not-found') {
      this.resourceVersion = '';
      this.host.sink({ type: 'incomplete', kind: this.kind.id, reason: fault.message });
      if (fault.type === 'not-found') this.host.onVanished();
      this.host.onSettled();
      await this.wait(settings.forbiddenRetryMs);
      return;
    }
    if (this.listedAt === 0 && fault.type !== 'network' && fault.type !== 'timeout') {
      this.host.sink({ type: 'incomplete', kind: this.kind.id, reason: fault.message });
    }
    await this.wait(this.backoff.next(fault.retryAfterMs));
  }

  /** Ends early on stop and on resync. */
  private wait(ms: number): Promise<void> {
    this.attempt = new AbortController();
    if (this.stopping.signal.aborted) return Promise.resolve();
    return pause(ms, this.attempt.signal);
  }
}

function watchError(object: unknown, what: string): KubeFault {
  const code = field(object, 'code');
  return statusFault(typeof code === 'number' ? code : 500, JSON.stringify(object ?? {}), what);
}
