import type { ClusterProblem } from '#contracts';
import { CONFIG_MAP_NAMES, type Fact, MESH_REVISION, meshConfigName } from '#engine';

import { Backoff, isAborted, pause } from './backoff.js';
import type { ServedKind } from './discovery.js';
import { type KindList, type ListOptions, listKind } from './kind-reader.js';
import { type FaultType, KubeFault, connectionFault } from './kube-fault.js';
import type { KindPosition } from './source-event.js';
import type { WatcherHealth, WatcherHost } from './kind-watcher.js';

/**
 * Reads ConfigMaps, of which only a few names may be read: each is listed by name, again and again. A watch for each name
 * would hold many connections open for objects that hardly ever change. Revisions of Istio have configurations of their own,
 * which the rights to read must name: without them ConfigMaps are incomplete, and the rest of them is read.
 */
export class NamedPoller {
  private readonly stopping = new AbortController();
  private readonly backoff: Backoff;
  private wake = new AbortController();
  private seenAt: number | null = null;
  private fault: KubeFault | null = null;
  private failures = 0;
  private done: Promise<void> | null = null;

  constructor(
    readonly kind: ServedKind,
    private readonly host: WatcherHost,
    /** Null where it is not served. */
    private readonly webhooks: ServedKind | null,
  ) {
    this.backoff = new Backoff(host.settings.backoff);
  }

  start(): void {
    this.done ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake.abort();
    await this.done;
  }

  resync(): void {
    this.wake.abort();
  }

  /** None: what is polled is always read whole. */
  position(): KindPosition | null {
    return null;
  }

  health(): WatcherHealth {
    return { freshAt: this.seenAt, fault: this.fault, failures: this.failures };
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.wake = new AbortController();
      let waitMs = this.host.settings.pollIntervalMs;
      try {
        await this.poll(signal);
      } catch (error) {
        if (isAborted(signal)) break;
        waitMs = this.recover(error);
      }
      await pause(waitMs, this.wake.signal);
    }
  }

  private async poll(signal: AbortSignal): Promise<void> {
    const { sink } = this.host;
    const at = Date.now();
    const facts: Fact[] = [];
    const problems: ClusterProblem[] = [];
    const missing: string[] = [];
    await this.host.withListSlot(async () => {
      const read = async (name: string): Promise<void> => {
        const found = await this.list(this.kind, { signal, fieldSelector: `metadata.name=${name}` });
        facts.push(...found.facts);
        problems.push(...found.problems);
      };
      for (const name of CONFIG_MAP_NAMES) await read(name);
      for (const name of await this.revisionNames(signal)) {
        const fault = await faultOf(read(name), 'forbidden');
        if (fault !== null) missing.push(`\`${name}\`: ${fault.message}`);
      }
    });
    signal.throwIfAborted();
    this.seenAt = at;
    this.fault = null;
    this.failures = 0;
    this.backoff.reset();
    sink({ type: 'list', kind: this.kind.id, facts, problems, complete: true });
    if (missing.length > 0) sink({ type: 'incomplete', kind: this.kind.id, reason: missing.join('; ') });
    this.host.onSettled();
  }

  /** The configurations of revisions that there are; none where nobody tells of revisions. */
  private async revisionNames(signal: AbortSignal): Promise<readonly string[]> {
    const { webhooks } = this;
    if (webhooks === null) return [];
    const names = new Set<string>();
    const listing = this.list(webhooks, { signal, labelSelector: MESH_REVISION }).then(({ facts }) => {
      for (const { meta } of facts) names.add(meshConfigName(meta.labels[MESH_REVISION] ?? ''));
    });
    await faultOf(listing, 'forbidden', 'not-found');
    return [...names].filter((name) => !CONFIG_MAP_NAMES.includes(name)).sort();
  }

  private list(kind: ServedKind, options: Omit<ListOptions, 'pageSize'>): Promise<KindList> {
    const { transport, settings } = this.host;
    return listKind(transport, kind, { pageSize: settings.pageSize, ...options });
  }

  private recover(error: unknown): number {
    const fault = error instanceof KubeFault ? error : connectionFault(error, this.host.transport.server);
    this.fault = fault;
    this.failures += 1;
    this.host.log.warn('reading a kind failed', { kind: this.kind.id, fault: fault.type, why: fault.message });
    if (fault.type !== 'forbidden') return this.backoff.next(fault.retryAfterMs);
    this.host.sink({ type: 'incomplete', kind: this.kind.id, reason: fault.message });
    this.host.onSettled();
    return this.host.settings.forbiddenRetryMs;
  }
}

/** What of the given faults some work ended with; null where it succeeded. Throws any other. */
async function faultOf(work: Promise<void>, ...types: readonly FaultType[]): Promise<KubeFault | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof KubeFault && types.includes(error.type)) return error;
    throw error;
  }
}
