import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Log } from '#telemetry';

/**
 * Looks for work again and again, one look at a time, as long as the worker lives. A look that fails is told in the log and
 * the next one comes; the worker stops when the one that runs has ended.
 */
export abstract class RecurringLook implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | null = null;

  /** `failure` is what the log says of a look that failed. */
  protected constructor(
    protected readonly log: Log,
    private readonly everyMs: number,
    private readonly failure: string,
  ) {}

  protected abstract look(): Promise<void>;

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running ??= this.lookOnce();
    }, this.everyMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async lookOnce(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      this.log.warn(this.failure, { error });
    } finally {
      this.running = null;
    }
  }
}
