import type { KindCompleteness } from '#contracts';
import type { Fact } from '#engine';
import type { SourcePositions } from '#kube';
import type { Log } from '#telemetry';

/** Where positions are kept: for one cluster, in the store. */
export interface PositionStore {
  save(positions: SourcePositions): Promise<void>;
  /** What was kept last, with the stored facts that tell the CNI or were rejected for `visit`; null when nothing was kept. */
  load(visit: (fact: Fact) => void): Promise<KeptPositions | null>;
}

/** How far a cluster was read, and what its newest snapshot says of its kinds. */
export interface KeptPositions {
  readonly positions: SourcePositions;
  readonly completeness: Readonly<Record<string, KindCompleteness>>;
}

/** Writes how far a cluster was read, none too often and one write at a time. A write that fails costs a list later, no more. */
export class PositionKeeper {
  private latest: SourcePositions | null = null;
  private saved = '';
  private savedAt = 0;
  private saving: Promise<void> | null = null;

  constructor(
    private readonly store: PositionStore,
    private readonly intervalMs: number,
    private readonly log: Log,
  ) {}

  /** Notes that everything up to these positions is stored. */
  reached(positions: SourcePositions | null): void {
    if (positions === null) return;
    this.latest = positions;
    if (this.saving === null && Date.now() - this.savedAt >= this.intervalMs) void this.save();
  }

  /** Writes what was reached last. */
  async close(): Promise<void> {
    await this.saving;
    await this.save();
  }

  private save(): Promise<void> {
    const { latest } = this;
    const text = JSON.stringify(latest);
    if (latest === null || text === this.saved) return Promise.resolve();
    this.saving = this.store
      .save(latest)
      .then(() => {
        this.saved = text;
      })
      .catch((error: unknown) => this.log.info('how far a cluster was read could not be kept', { error }))
      .finally(() => {
        this.savedAt = Date.now();
        this.saving = null;
      });
    return this.saving;
  }
}
