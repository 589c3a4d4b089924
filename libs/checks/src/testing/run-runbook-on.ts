import { compileSnapshot } from '#engine';
import type { Completeness, LastingFlow } from '#engine';
import { factsOf } from '#engine/testing';

import { loadChecks } from '../load-checks.js';
import type { Runbook, RunbookInputs } from '../runbook/define-runbook.js';
import type { RunbookReport } from '../runbook/model.js';
import { runRunbook } from '../runbook/run-runbook.js';
import type { HistorySource, MetricSource, Sample } from '../runbook/sources.js';

/** What a run in a test is given beside its inputs. */
export interface RunCase {
  readonly objects: readonly unknown[];
  readonly inputs?: RunbookInputs;
  /** Earlier states, oldest first. */
  readonly past?: readonly (readonly unknown[])[];
  readonly metrics?: MetricSource;
  readonly flows?: readonly LastingFlow[];
  readonly completeness?: Completeness;
  readonly all?: boolean;
}

export const AT = new Date('2026-11-26T12:00:00Z');
const HOUR_MS = 3_600_000;

/** Runs a runbook on raw objects as production does. */
export async function runOn(runbook: Runbook, one: RunCase): Promise<RunbookReport> {
  const snapshot = compileSnapshot(factsOf(...one.objects), { completeness: one.completeness ?? {} });
  return runRunbook({
    runbook,
    snapshot,
    inputs: one.inputs ?? {},
    sources: {
      history: historyOf(one),
      metrics: one.metrics ?? null,
      flows: () => Promise.resolve(one.flows ?? []),
      at: AT,
    },
    checks: await loadChecks(),
    all: one.all ?? false,
  });
}

function historyOf({ past, objects }: RunCase): HistorySource | null {
  if (past === undefined) return null;
  const states = [...past, objects];
  return {
    states: () =>
      Promise.resolve(
        states.map((_, i) => ({ seq: i + 1, takenAt: new Date(AT.getTime() - (states.length - i) * HOUR_MS) })),
      ),
    open: (seq) => Promise.resolve(compileSnapshot(factsOf(...(states[seq - 1] ?? [])))),
  };
}

/** A metrics source that has these samples: by a part of the query, the samples; every other series is absent. */
export function metricsOf(samples: Readonly<Record<string, readonly Sample[]>>): MetricSource {
  return {
    name: 'http://prometheus.test:9090',
    instant: (query) => {
      const key = Object.keys(samples).find((part) => query.includes(part));
      return Promise.resolve({ type: 'samples', samples: key === undefined ? [] : (samples[key] ?? []) });
    },
  };
}
