import type { Evidence } from '../../model/finding.js';
import type { RunbookStep } from '../define-runbook.js';
import type { StepResult } from '../model.js';
import type { RunbookContext } from '../runbook-context.js';
import type { Signal } from '../signals.js';
import { NO_METRICS, type Sample } from '../sources.js';
import { cause, fail, pass, skip, unknown } from '../step-result.js';

/** Samples told one by one. */
const MOST_SAMPLES = 5;

/** What a step makes of a signal beside reading it. */
export interface MetricStepOptions {
  readonly id: string;
  /** The answer when the value is beyond the limit; without one the value is told and the run goes on. */
  readonly answer?: (worst: string, where: string) => string;
  readonly decisive?: boolean;
}

/** A step that reads a signal. A series that is not there is a skip, never a pass. */
export function metricStep(signal: Signal, { id, answer, decisive = false }: MetricStepOptions): RunbookStep {
  return {
    id,
    title: signal.title,
    source: 'metric',
    expected: `below ${amount(signal, signal.limit)}`,
    decisive,
    run: (context) => readSignal(context, signal, answer),
  };
}

async function readSignal(
  context: RunbookContext,
  signal: Signal,
  answer: MetricStepOptions['answer'],
): Promise<StepResult> {
  const { metrics, at } = context.sources;
  if (metrics === null) return skip(NO_METRICS);
  const read = await metrics.instant(signal.query, at);
  const source = `${metrics.name}: ${signal.query}`;
  if (read.type === 'unavailable') return unknown(read.reason, { source });
  // NaN is what a ratio of two zeros gives: no traffic, so nothing is known of it.
  const samples = read.samples.filter(({ value }) => !Number.isNaN(value)).toSorted((a, b) => b.value - a.value);
  const about = samples.filter(({ labels }) => concerns(context, labels));
  const isElsewhere = about.length === 0;
  const counted = isElsewhere ? samples : about;
  const [worst] = counted;
  if (worst === undefined) {
    return skip(`the series is not there, which is no evidence either way: it needs ${signal.exporter}`, { source });
  }
  const evidence = counted.slice(0, MOST_SAMPLES).map((sample) => told(signal, sample));
  const value = amount(signal, worst.value);
  if (worst.value < signal.limit) {
    const found = `${value} at most, on ${place(worst)}`;
    if (!isElsewhere) return pass(found, { source, evidence });
    return unknown(`no series is of node \`${context.inputs.node ?? ''}\`; of others ${found}`, { source, evidence });
  }
  const found = `${value} on ${place(worst)}, ${degree(signal, worst.value)}`;
  if (answer === undefined) return fail(found, { source, evidence, next: signal.remedy[0] ?? '' });
  return cause(found, answer(value, place(worst)), { advice: signal.remedy }, { source, evidence });
}

/** With a node among the inputs, its samples are the ones that count. */
function concerns(context: RunbookContext, labels: Sample['labels']): boolean {
  const { node } = context.inputs;
  if (node === undefined) return true;
  const addresses = new Set([node, ...nodeAddresses(context, node)]);
  return PLACE_LABELS.some((key) => addresses.has((labels[key] ?? '').replace(/:\d+$/, '')));
}

function nodeAddresses({ audit }: RunbookContext, name: string): readonly string[] {
  return audit.node(name)?.addresses.map(({ address }) => address) ?? [];
}

const PLACE_LABELS = ['node', 'nodename', 'kubernetes_node', 'instance', 'pod'] as const;

function place({ labels }: Sample): string {
  for (const key of PLACE_LABELS) {
    const value = labels[key];
    if (value !== undefined && value !== '') return value;
  }
  const rest = Object.entries(labels).filter(([key]) => key !== '__name__');
  return rest.length === 0 ? 'the whole cluster' : rest.map(([key, value]) => `${key} ${value}`).join(', ');
}

function told(signal: Signal, sample: Sample): Evidence {
  return { what: place(sample), value: amount(signal, sample.value) };
}

function degree({ critical, limit }: Signal, value: number): string {
  return critical !== null && value >= critical ? 'critical' : `beyond the limit of ${String(limit)}`;
}

function amount({ unit }: Signal, value: number): string {
  switch (unit) {
    case 'ratio':
      return `${(value * 100).toFixed(1)} %`;
    case 'seconds':
      return `${rounded(value)} s`;
    case 'per second':
      return `${rounded(value)} per second`;
    case 'events':
      return rounded(value);
  }
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
