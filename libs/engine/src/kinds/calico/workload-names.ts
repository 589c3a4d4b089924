import type { PodShape } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';

/** What the snapshot's workloads are known to have, gathered when first asked for and once for the same workloads. */
export interface WorkloadNames {
  /** Label keys of pods, to know which of them hide an inherited label. */
  readonly labelKeys: ReadonlySet<string>;
  /** Names of service accounts, sorted. */
  readonly serviceAccounts: readonly string[];
}

const KNOWN = new WeakMap<CompileEnv['pods'], WorkloadNames>();

export function workloadNames(env: CompileEnv): WorkloadNames {
  let known = KNOWN.get(env.pods);
  if (known === undefined) KNOWN.set(env.pods, (known = gather(env)));
  return known;
}

function gather(env: CompileEnv): WorkloadNames {
  const labelKeys = new Set<string>();
  const serviceAccounts = new Set<string>(['default']);
  const add = (shape: PodShape): void => {
    for (const key of Object.keys(shape.labels)) labelKeys.add(key);
    serviceAccounts.add(shape.serviceAccount);
  };
  for (const pod of env.pods) add(pod.shape);
  for (const workload of env.workloads) add(workload.template);
  return { labelKeys, serviceAccounts: [...serviceAccounts].sort() };
}
