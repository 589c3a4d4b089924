import { Backoff } from '#kube';
import type { ClusterReport } from '#store';
import type { Log } from '#telemetry';

import { isClusterGone } from './cluster-gone.js';
import type { IngestSettings } from './ingest-settings.js';

/** Where reports go: the row of one cluster. */
export type WriteReport = (report: ClusterReport) => Promise<void>;

/** Writes what is known of a cluster to its row: at most one write at a time, none too often, none that says nothing new. */
export class ClusterReporter {
  private next: ClusterReport = {};
  private readonly written = new Map<string, string>();
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> | null = null;
  private lastWriteAt = 0;
  private isClosed = false;
  private readonly backoff: Backoff;

  constructor(
    private readonly writeReport: WriteReport,
    private readonly settings: IngestSettings,
    private readonly log: Log,
    private readonly onGone: () => void,
  ) {
    this.backoff = new Backoff({ minMs: settings.retryMinMs, maxMs: settings.retryMaxMs });
  }

  /** Adds to what the next write says. `force` writes it even when it says nothing new, to move `updatedAt`. */
  report(patch: ClusterReport, force = false): void {
    for (const [key, value] of Object.entries(patch)) {
      if (!force && !(key in this.next) && this.written.get(key) === JSON.stringify(value)) continue;
      this.next = { ...this.next, [key]: value };
    }
    this.schedule(this.settings.reportIntervalMs - (Date.now() - this.lastWriteAt));
  }

  /** Writes what is left and nothing more. */
  async close(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await this.writing;
    if (!this.isClosed) await this.write();
    this.isClosed = true;
  }

  private schedule(delayMs: number): void {
    if (this.isClosed || this.timer || this.writing || Object.keys(this.next).length === 0) return;
    this.timer = setTimeout(
      () => {
        this.timer = null;
        this.writing = this.write().then((waitMs) => {
          this.writing = null;
          this.schedule(waitMs);
        });
      },
      Math.max(0, delayMs),
    );
  }

  /** Returns the wait before the next write. */
  private async write(): Promise<number> {
    const patch = this.next;
    if (Object.keys(patch).length === 0) return 0;
    this.next = {};
    this.lastWriteAt = Date.now();
    try {
      await this.writeReport(patch);
      for (const [key, value] of Object.entries(patch)) this.written.set(key, JSON.stringify(value));
      this.backoff.reset();
      return this.settings.reportIntervalMs;
    } catch (error) {
      if (isClusterGone(error)) {
        this.isClosed = true;
        this.onGone();
        return 0;
      }
      this.next = { ...patch, ...this.next };
      this.log.warn('the state of a cluster could not be written, it will be tried again', { error });
      return this.backoff.next();
    }
  }
}
