import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { BatchedHistogram } from './batched-histogram.js';

const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * The process's metrics. Names start with `atlas_` and end in their unit (`_seconds`, `_bytes`, `_total`).
 * Asking twice for one name gives the same metric, so classes need no shared place to declare them.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #batched = new Map<string, unknown>();

  /** `processMetrics` adds those of Node itself (memory, event loop, garbage collection). */
  constructor(options: { readonly processMetrics?: boolean } = {}) {
    if (options.processMetrics === true) collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Every metric in the text format that Prometheus reads. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  counter<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    const existing: unknown = this.#registry.getSingleMetric(name);
    if (existing instanceof Counter) return existing as Counter<L>;
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }

  gauge<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    const existing: unknown = this.#registry.getSingleMetric(name);
    if (existing instanceof Gauge) return existing as Gauge<L>;
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }

  /** Buckets are for durations in seconds, 1 ms to 1 min, unless given. */
  histogram<L extends string = never>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
    buckets: readonly number[] = DURATION_BUCKETS,
  ): Histogram<L> {
    const existing: unknown = this.#registry.getSingleMetric(name);
    if (existing instanceof Histogram) return existing as Histogram<L>;
    return new Histogram({
      name,
      help,
      labelNames: [...labelNames],
      buckets: [...buckets],
      registers: [this.#registry],
    });
  }

  /** The same for what is noted with each request. */
  batchedHistogram<L extends string>(name: string, help: string, labelNames: readonly L[]): BatchedHistogram<L> {
    const existing = this.#batched.get(name);
    if (existing instanceof BatchedHistogram) return existing as BatchedHistogram<L>;
    const batch = new BatchedHistogram<L>(
      (settle) =>
        new Histogram<L>({
          name,
          help,
          labelNames: [...labelNames],
          buckets: [...DURATION_BUCKETS],
          registers: [this.#registry],
          collect: settle,
        }),
    );
    this.#batched.set(name, batch);
    return batch;
  }
}
