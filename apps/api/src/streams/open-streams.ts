import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '#config';
import { AppError } from '#contracts';
import { Metrics } from '#telemetry';

/** One open stream or connection. Its signal is aborted when it has to end: at its longest life, or with the process. */
export interface OpenStream {
  readonly signal: AbortSignal;
  /** Gives its place to another. Call it once it has ended, however it did. */
  close(): void;
}

/** Counts the streams and connections of this process, bounds them, and ends them before the server stops. */
@Injectable()
export class OpenStreams implements BeforeApplicationShutdown {
  private readonly open = new Set<AbortController>();
  private readonly gauge;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.gauge = metrics.gauge('atlas_http_streams', 'Streams and subscription connections that are open');
  }

  /** @throws AppError `streams.exhausted` */
  enter(): OpenStream {
    const { maxOpen, lifetimeSeconds } = this.config.streams;
    if (this.open.size >= maxOpen) {
      throw new AppError('streams.exhausted', `${String(maxOpen)} streams are open, try again later`);
    }
    const controller = new AbortController();
    const timer = setTimeout(() => {
      controller.abort();
    }, lifetimeSeconds * 1_000);
    this.open.add(controller);
    this.gauge.set(this.open.size);
    return {
      signal: controller.signal,
      close: () => {
        clearTimeout(timer);
        controller.abort();
        this.open.delete(controller);
        this.gauge.set(this.open.size);
      },
    };
  }

  beforeApplicationShutdown(): void {
    for (const controller of [...this.open]) controller.abort();
  }
}
