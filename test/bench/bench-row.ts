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
  /** The value must be at least this. */
  readonly atLeast?: number;
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
      goal.atMost === undefined ? '' : `≤ ${round(goal.atMost)} ${unit}`,
      goal.atLeast === undefined ? '' : `≥ ${round(goal.atLeast)} ${unit}`,
      goal.ratioAtLeast === undefined ? '' : `≥ ${goal.ratioAtLeast}×`,
    ].filter(Boolean);
    const met =
      targets.length === 0
        ? null
        : (goal.atMost === undefined || value <= goal.atMost) &&
          (goal.atLeast === undefined || value >= goal.atLeast) &&
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
    const target = `≥ ${round(atLeast)} ${unit}`;
    const row = { name, fixture, value, unit, reference: reference.name, ratio, target, met: value >= atLeast };
    this.rows.push(row);
    print(row);
  }

  write(file: string | null): void {
    if (file !== null) writeFileSync(file, `${JSON.stringify({ rows: this.rows }, null, 2)}\n`);
  }
}

function print(row: BenchRow): void {
  const value = `${round(row.value)} ${row.unit}`.padStart(18);
  const ratio = row.ratio === null ? '' : `  ${round(row.ratio)}× ${row.reference ?? ''}`;
  const target = row.target === null ? '' : `  ${row.met === true ? 'met' : 'MISSED'} (${row.target})`;
  process.stdout.write(`${row.fixture.padEnd(17)} ${row.name.padEnd(46)} ${value}${target}${ratio}\n`);
}

function round(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/**
 * Processor time that `run` takes, in milliseconds, of all threads of this process together: what other programs do on
 * the machine does not count, and collecting garbage counts in full. On an idle machine the clock shows no more.
 */
export function spentMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * An upper bound of the time that `run` itself takes: the clock or the processor time, whichever is less. For what is too
 * short to be run again: the clock counts what other programs do, the processor time what threads do beside it, as
 * collecting the garbage of earlier runs.
 */
export function boundMs(run: () => void): number {
  const start = performance.now();
  const spent = spentMs(run);
  return Math.min(spent, performance.now() - start);
}

/** The least of several runs. */
export function leastMs(runs: number, run: () => void): number {
  return Math.min(...Array.from({ length: runs }, () => spentMs(run)));
}

/** A value below which the given part of `times` lies. */
export function percentile(times: readonly number[], part: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] as number;
}

/** Bytes that live after a full collection; needs `--expose-gc`. */
export function liveBytes(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
