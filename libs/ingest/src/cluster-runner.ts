import { WHOLE_SCOPE } from '#access';
import { isAppError, type ClusterState } from '#contracts';
import { pushTo, type Fact } from '#engine';
import { Backoff, type ChangeSource, type SourceEvent, type SourcePositions, isAborted, pause } from '#kube';
import type { ClusterRecord, PersistResult, SnapshotRepository } from '#store';
import type { Log } from '#telemetry';

import { ClusterReporter, type WriteReport } from './cluster-reporter.js';
import { CniFacts, tellsCni } from './cni-facts.js';
import { type BatchStore, IngestPipeline } from './ingest-pipeline.js';
import type { IngestSettings } from './ingest-settings.js';
import { factKind } from './pending-batch.js';
import { PositionKeeper, type PositionStore } from './position-keeper.js';
import { ProblemBook } from './problem-book.js';

export interface RunnerOptions {
  readonly report: WriteReport;
  readonly snapshots: BatchStore & Pick<SnapshotRepository, 'countKinds'>;
  readonly positions: PositionStore;
  readonly settings: IngestSettings;
  readonly log: Log;
  /** Opens the cluster's source; may throw, and is then tried again. */
  readonly open: () => Promise<ChangeSource>;
}

/** Keeps one cluster in step with its source, and its row in step with how that goes. */
export class ClusterRunner {
  private readonly stopping = new AbortController();
  private readonly problems = new ProblemBook();
  private readonly cni = new CniFacts();
  private readonly pipeline: IngestPipeline;
  private readonly reporter: ClusterReporter;
  private readonly keeper: PositionKeeper;
  private source: ChangeSource | null = null;
  private wake = new AbortController();
  private done: Promise<void> | null = null;
  private sourceFault = '';
  private storeFault = '';
  private isSynced = false;
  private isGone = false;
  private settle: () => void = () => undefined;
  private counting: Promise<void> = Promise.resolve();
  private wantedSeq: number | null = null;
  private countedSeq: number | null = null;
  /** What is told once the snapshot of its number is counted. */
  private untold: readonly { readonly seq: number; readonly tell: () => void }[] = [];

  constructor(
    readonly record: Pick<ClusterRecord, 'id' | 'name'>,
    private readonly options: RunnerOptions,
  ) {
    const { settings, log, report, snapshots, positions } = options;
    this.keeper = new PositionKeeper(positions, settings.positionIntervalMs, log);
    const onGone = (): void => this.onGone();
    this.reporter = new ClusterReporter(report, settings, log, onGone);
    this.pipeline = new IngestPipeline(record.id, snapshots, settings, log, {
      positions: () => this.source?.positions() ?? null,
      onStored: (result, freshAt, upTo) => this.onStored(result, freshAt, upTo),
      onStoreFault: (error) => this.onStoreFault(error),
      onGone,
    });
  }

  /**
   * Starts to read the source. Troubles show on the row and are tried again until `stop`. Resolves when something is stored,
   * when there is trouble, when nothing has to be read from the start, or when none of it came in time: whoever starts many
   * starts the next one then.
   */
  start(): Promise<void> {
    if (this.stopping.signal.aborted) return Promise.resolve();
    this.reporter.report({ state: 'syncing', message: '' });
    this.done ??= this.run();
    return this.untilSettled();
  }

  /** Ends everything; what was read before is stored. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake.abort();
    this.settle();
    await this.done;
    if (!this.isGone) {
      await this.pipeline.close();
      await this.keeper.close();
    }
    await this.counting;
    await this.reporter.close();
  }

  /** Reads everything again from the start. Resolves as `start` does. */
  resync(): Promise<void> {
    if (this.stopping.signal.aborted) return Promise.resolve();
    this.source?.resync();
    this.wake.abort();
    return this.untilSettled();
  }

  private untilSettled(): Promise<void> {
    return new Promise((resolve) => {
      const patience = setTimeout(resolve, this.options.settings.firstFlushMs);
      this.settle = () => {
        clearTimeout(patience);
        resolve();
      };
    });
  }

  private async run(): Promise<void> {
    const backoff = new Backoff({ minMs: this.options.settings.retryMinMs, maxMs: this.options.settings.retryMaxMs });
    const { signal } = this.stopping;
    // Only the first source goes on from what another process read: a later one begins with lists.
    let resume: SourcePositions | null | undefined;
    while (!signal.aborted) {
      this.wake = new AbortController();
      try {
        resume = resume === undefined ? await this.loadResume() : null;
        // Going on from there brings only what changed.
        if (resume !== null) this.settle();
        this.source = await this.options.open();
        await this.source.run((event) => this.accept(event), signal, resume);
      } catch (error) {
        if (isAborted(signal)) return;
        if (!isAppError(error)) this.options.log.error('a source ended unexpectedly', { error });
        this.onConnection(false, isAppError(error) ? error.message : 'reading the source failed; see the log');
      }
      if (!isAborted(signal)) await pause(backoff.next(), this.wake.signal);
    }
  }

  /** How far another process read, with what this one must know of kinds that it will not list; null to begin anew. */
  private async loadResume(): Promise<SourcePositions | null> {
    const telling = new Map<string, Fact[]>();
    const kept = await this.options.positions.load((fact) => {
      if (fact.type !== 'rejected' && !tellsCni(fact)) return;
      pushTo(telling, factKind(fact), fact);
    });
    if (kept === null) return null;
    for (const kind of Object.keys(kept.positions.kinds)) {
      const event: SourceEvent = { type: 'list', kind, facts: telling.get(kind) ?? [], problems: [], complete: true };
      this.problems.accept(event);
      this.cni.accept(event);
      this.pipeline.assume(kind, kept.completeness[kind] ?? { complete: false });
    }
    return kept.positions;
  }

  private accept(event: SourceEvent): void {
    if (event.type === 'connection') {
      this.onConnection(event.ok, event.message);
      return;
    }
    this.problems.accept(event);
    this.cni.accept(event);
    this.pipeline.accept(event);
  }

  private onConnection(ok: boolean, message: string): void {
    this.sourceFault = ok ? '' : message;
    // Whoever asked for a read waits for a newer row, also when the answer is the same fault again. That all is well is
    // said when what was read since is stored.
    if (ok) return;
    this.reportState(true);
    this.settle();
  }

  private onStoreFault(error: unknown): void {
    const had = this.storeFault;
    this.storeFault = error === null ? '' : 'what was read could not be stored; it is tried again';
    if (had !== this.storeFault) this.reportState();
  }

  private onStored(result: PersistResult | null, freshAt: Date | null, upTo: SourcePositions | null): void {
    this.keeper.reached(upTo);
    if (freshAt !== null) this.isSynced = true;
    this.settle();
    if (result !== null && (result.created || this.countedSeq === null)) this.count(result.seq);
    const detection = this.cni.detectIfChanged(this.pipeline.completeness);
    const tell = (): void => {
      this.reporter.report({
        ...(detection === null ? {} : { cni: detection }),
        ...(freshAt === null ? {} : { lastSyncedAt: freshAt }),
      });
      this.reportState();
    };
    // Whoever waits for this read looks at the row once it says so: the counts are to be those of it.
    const seq = this.wantedSeq;
    if (seq === null || seq === this.countedSeq) tell();
    else this.untold = [...this.untold, { seq, tell }];
  }

  /** Counts the newest snapshot; those that came and went while one was counted are skipped. */
  private count(seq: number): void {
    const isBusy = this.countedSeq !== this.wantedSeq;
    this.wantedSeq = seq;
    if (!isBusy) this.counting = this.countNewest();
  }

  private async countNewest(): Promise<void> {
    while (this.countedSeq !== this.wantedSeq && this.wantedSeq !== null) {
      const seq = this.wantedSeq;
      try {
        this.reporter.report({ counts: await this.options.snapshots.countKinds(this.record.id, seq, WHOLE_SCOPE) });
      } catch (error) {
        this.options.log.warn('objects could not be counted', { error });
      }
      this.countedSeq = seq;
      this.tellCounted(seq);
    }
  }

  private tellCounted(upTo: number): void {
    const counted = this.untold.filter(({ seq }) => seq <= upTo);
    this.untold = this.untold.filter(({ seq }) => seq > upTo);
    for (const { tell } of counted) tell();
  }

  private reportState(force = false): void {
    if (this.isGone) return;
    const problems = this.problems.list(this.pipeline.completeness);
    const fault = this.sourceFault || this.storeFault;
    const count = problems.length;
    const summary = count === 0 ? '' : `${count} ${count === 1 ? 'problem' : 'problems'}; everything else is loaded`;
    this.reporter.report({ state: this.state(fault, count), message: fault || summary, problems }, force);
  }

  private state(fault: string, problems: number): ClusterState {
    if (fault !== '') return 'error';
    if (!this.isSynced) return 'syncing';
    return problems > 0 ? 'degraded' : 'synced';
  }

  private onGone(): void {
    this.isGone = true;
    this.settle();
    this.stopping.abort();
    this.wake.abort();
  }
}
