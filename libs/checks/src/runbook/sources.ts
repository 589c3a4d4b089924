import type { CompiledSnapshot, LastingFlow } from '#engine';

/** One state in the history of a cluster. */
export interface PastState {
  readonly seq: number;
  readonly takenAt: Date;
}

/** Where a runbook reads what was. */
export interface HistorySource {
  /** Every state that held at some time between the two, oldest first; the one that held at `from` is the first. */
  readonly states: (from: Date, to: Date) => Promise<readonly PastState[]>;
  readonly open: (seq: number) => Promise<CompiledSnapshot>;
}

/** One value with the labels it carries. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a metric source answered. No samples: the series is not there, which is no evidence of anything. */
export type MetricAnswer =
  | { readonly type: 'samples'; readonly samples: readonly Sample[] }
  | { readonly type: 'unavailable'; readonly reason: string };

/** Where a runbook reads metrics: something that speaks PromQL. */
export interface MetricSource {
  /** As a person would name it: its address without credentials. */
  readonly name: string;
  readonly instant: (query: string, at: Date) => Promise<MetricAnswer>;
}

/** What a run may look at beside the snapshot. A source that is null makes the steps that need it skip, with the reason. */
export interface RunbookSources {
  readonly history: HistorySource | null;
  readonly metrics: MetricSource | null;
  /** Flows that were seen, the last one first. */
  readonly flows: (() => Promise<readonly LastingFlow[]>) | null;
  /** The time of the symptom: windows of history and metrics end there. */
  readonly at: Date;
}

export const NO_METRICS =
  'no metrics source is set for this cluster: `PUT` one to its `metrics-source`, or give `--prometheus` with a folder';
export const NO_KEPT_FLOWS =
  'no flows are kept of this cluster: keep some with `atlas flows keep`, or give them to `atlas whatif --flows`';
export const NO_HISTORY = 'there is no history here: ask a server that watches the cluster';
