/** How long is waited for what. */
export interface Patience {
  /** Since the last who asked. */
  readonly quietMs: number;
  /** Then a time of this length is looked for in which the process has little to do. */
  readonly lookMs: number;
  /** Since the first who asked, in any case. */
  readonly latestMs: number;
}

/** Begins to watch how busy the process is; what it gives says whether it was busy since. */
export type WatchProcess = () => () => boolean;

/** Does `work` once nobody has asked for it for a while and the process has little to do, or when it has waited for too long. */
export class WhenQuiet {
  private timer: NodeJS.Timeout | undefined;
  private latestAt: number | null = null;

  constructor(
    private readonly work: () => void,
    private readonly patience: Patience,
    private readonly watch: WatchProcess,
  ) {}

  ask(): void {
    const latestAt = (this.latestAt ??= Date.now() + this.patience.latestMs);
    this.after(this.patience.quietMs, latestAt, () => this.look(latestAt));
  }

  private look(latestAt: number): void {
    const wasBusy = this.watch();
    this.after(this.patience.lookMs, latestAt, () => {
      if (Date.now() < latestAt && wasBusy()) {
        this.look(latestAt);
        return;
      }
      this.latestAt = null;
      this.work();
    });
  }

  private after(ms: number, latestAt: number, next: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(next, Math.max(0, Math.min(ms, latestAt - Date.now()))).unref();
  }
}
