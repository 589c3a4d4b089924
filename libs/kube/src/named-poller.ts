import type { ClusterProblem } from '#contracts';
import { CONFIG_MAP_NAMES, type Fact } from '#engine';

import { Backoff, isAborted, pause } from './backoff.js';
import type { ServedKind } from './discovery.js';
import { listKind } from './kind-reader.js';
import { KubeFault, connectionFault } from './kube-fault.js';
import type { KindPosition } from './source-event.js';
import type { WatcherHealth, WatcherHost } from './kind-watcher.js';

/**
 * Reads ConfigMaps, of which only a few names may be read: each is listed by name, again and again. A watch for each name
 * would hold many connections open for objects that hardly ever change.
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
    const { transport, settings, sink } = this.host;
    const at = Date.now();
    const facts: Fact[] = [];
    const problems: ClusterProblem[] = [];
    await this.host.withListSlot(async () => {
      for (const name of CONFIG_MAP_NAMES) {
        const fieldSelector = `metadata.name=${name}`;
        const found = await listKind(transport, this.kind, { signal, pageSize: settings.pageSize, fieldSelector });
        facts.push(...found.facts);
        problems.push(...found.problems);
      }
    });
    signal.throwIfAborted();
    this.seenAt = at;
    this.fault = null;
    this.failures = 0;
    this.backoff.reset();
    sink({ type: 'list', kind: this.kind.id, facts, problems, complete: true });
    this.host.onSettled();
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
