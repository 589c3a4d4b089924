/** Does `work` once nobody has asked for it for `quietMs`, and `latestMs` after the first who asked in any case. */
export class WhenQuiet {
  private timer: NodeJS.Timeout | undefined;
  private latestAt: number | null = null;

  constructor(
    private readonly work: () => void,
    private readonly quietMs: number,
    private readonly latestMs: number,
  ) {}

  ask(): void {
    const now = Date.now();
    this.latestAt ??= now + this.latestMs;
    clearTimeout(this.timer);
    const run = (): void => {
      this.latestAt = null;
      this.work();
    };
    this.timer = setTimeout(run, Math.min(this.quietMs, this.latestAt - now)).unref();
  }
}
