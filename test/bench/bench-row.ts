import { writeFileSync } from 'node:fs';

/** One measured figure. `ratio` is reference ÷ value for times (how many times faster), null without a reference. */
export interface BenchRow {
  readonly name: string;
  readonly fixture: string;
  readonly value: number;
  readonly unit: string;
  readonly reference: string | null;
  readonly ratio: number | null;
  readonly target: string | null;
  readonly met: boolean | null;
}

export interface Goal {
  /** The value may be at most this. */
  readonly atMost?: number;
  readonly reference?: { readonly name: string; readonly value: number };
  /** The ratio to the reference must be at least this. */
  readonly ratioAtLeast?: number;
}

/** Collects rows, prints each as it comes, and writes them all as JSON when asked. */
export class BenchReport {
  readonly rows: BenchRow[] = [];

  add(name: string, fixture: string, value: number, unit: string, goal: Goal = {}): void {
    const ratio = goal.reference === undefined ? null : goal.reference.value / value;
    const targets = [
      goal.atMost === undefined ? '' : `≤ ${goal.atMost} ${unit}`,
      goal.ratioAtLeast === undefined ? '' : `≥ ${goal.ratioAtLeast}×`,
    ].filter(Boolean);
    const met =
      targets.length === 0
        ? null
        : (goal.atMost === undefined || value <= goal.atMost) &&
          (goal.ratioAtLeast === undefined || (ratio !== null && ratio >= goal.ratioAtLeast));
    const row: BenchRow = {
      name,
      fixture,
      value,
      unit,
      reference: goal.reference?.name ?? null,
      ratio,
      target: targets.length === 0 ? null : targets.join(' and '),
      met,
    };
    this.rows.push(row);
    print(row);
  }

  /** A rate: more is better, and so the ratio is value ÷ reference. */
  rate(
    name: string,
    fixture: string,
    value: number,
    unit: string,
    atLeast: number,
    reference: { readonly name: string; readonly value: number },
  ): void {
    const ratio = value / reference.value;
    const target = `≥ ${atLeast} ${unit}`;
    const row = { name, fixture, value, unit, reference: reference.name, ratio, target, met: value >= atLeast };
    this.rows.push(row);
    print(row);
  }

  write(file: string | null): void {
    if (file !== null) writeFileSync(file, `${JSON.stringify({ rows: this.rows }, null, 2)}\n`);
  }
}

function print(row: BenchRow): void {
  const value = `${round(row.value)} ${row.unit}`.padStart(16);
  const ratio = row.ratio === null ? '' : `  ${round(row.ratio)}× (${row.reference ?? ''})`;
  const target = row.target === null ? '' : `  target ${row.target}: ${row.met === true ? 'met' : 'MISSED'}`;
  process.stdout.write(`${row.fixture.padEnd(16)} ${row.name.padEnd(44)} ${value}${ratio}${target}\n`);
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** The median of several runs of `run`, in milliseconds. */
export function medianMs(runs: number, run: () => void): number {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[runs >> 1] as number;
}

/** Bytes that live after a full collection; needs `--expose-gc`. */
export function liveBytes(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
