import type { Histogram, LabelValues } from 'prom-client';

/** Values that wait at most. */
const MOST_WAITING = 256;

/**
 * A histogram of what is noted with each request. To find the place of one value costs some microseconds while what finds it
 * has to be fetched, and hardly any for one after another: so they wait until there are many, or until the metric is read.
 */
export class BatchedHistogram<L extends string> {
  private readonly labels = new Array<LabelValues<L>>(MOST_WAITING).fill({});
  private readonly values = new Float64Array(MOST_WAITING);
  private readonly histogram: Pick<Histogram<L>, 'observe'>;
  private count = 0;

  /** `make` gives the histogram, which calls `settle` before it is read. */
  constructor(make: (settle: () => void) => Pick<Histogram<L>, 'observe'>) {
    this.histogram = make(() => {
      this.settle();
    });
  }

  observe(labels: LabelValues<L>, value: number): void {
    this.labels[this.count] = labels;
    this.values[this.count] = value;
    this.count += 1;
    if (this.count === MOST_WAITING) this.settle();
  }

  /** Puts in their places what waits. */
  private settle(): void {
    for (let at = 0; at < this.count; at++) {
      this.histogram.observe(this.labels[at] as LabelValues<L>, this.values[at] as number);
    }
    this.count = 0;
  }
}
