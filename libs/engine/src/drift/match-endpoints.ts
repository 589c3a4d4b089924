import { groupBy } from '../base/index.js';
import type { Endpoint } from '../compile/endpoint.js';

/** Endpoints of two states that are the same thing, and those that one state alone has. All by index. */
export interface EndpointMatch {
  readonly pairs: readonly (readonly [number, number])[];
  readonly added: readonly number[];
  readonly removed: readonly number[];
}

/**
 * `name`: the same cluster at two times; a pod that replaced another of its workload stands for it. `workload`: two
 * places that run the same, where replicas have other names and other numbers: every pod of a workload is compared with
 * one pod, or the template, that the other state has of it. Nodes of two places are not the same nodes.
 */
export type MatchBy = 'name' | 'workload';

export function matchEndpoints(
  before: readonly Endpoint[],
  after: readonly Endpoint[],
  by: MatchBy = 'name',
): EndpointMatch {
  return by === 'name' ? matchNames(before, after) : matchWorkloads(before, after);
}

function matchWorkloads(before: readonly Endpoint[], after: readonly Endpoint[]): EndpointMatch {
  const known = new Map<string, number>();
  for (const [index, endpoint] of before.entries()) {
    if (endpoint.kind === 'node') continue;
    const key = workloadKey(endpoint) || nameKey(endpoint);
    if (!known.has(key)) known.set(key, index);
  }
  const pairs: [number, number][] = [];
  const added: number[] = [];
  const met = new Set<string>();
  for (const [index, endpoint] of after.entries()) {
    if (endpoint.kind === 'node') continue;
    const key = workloadKey(endpoint) || nameKey(endpoint);
    const there = known.get(key);
    if (there !== undefined) pairs.push([there, index]);
    else if (!met.has(key)) added.push(index);
    met.add(key);
  }
  const removed = [...known].flatMap(([key, index]) => (met.has(key) ? [] : [index]));
  return { pairs, added, removed };
}

/** Matches by kind and name. */
function matchNames(before: readonly Endpoint[], after: readonly Endpoint[]): EndpointMatch {
  const pairs: [number, number][] = [];
  // What did not change stands at the same place in both, mostly: no keys are made for it.
  let same = 0;
  while (same < before.length && hasSameName(before[same], after[same])) pairs.push([same, same++]);
  const names = new Map<string, number>();
  for (let index = same; index < before.length; index++) names.set(nameKey(before[index] as Endpoint), index);
  const left: number[] = [];
  for (let index = same; index < after.length; index++) {
    const key = nameKey(after[index] as Endpoint);
    const known = names.get(key);
    if (known === undefined) left.push(index);
    else {
      names.delete(key);
      pairs.push([known, index]);
    }
  }
  const gone = groupBy(names.values(), (index) => workloadKey(before[index] as Endpoint));
  const added = left.filter((index) => {
    const key = workloadKey(after[index] as Endpoint);
    const replaced = key === '' ? undefined : gone.get(key)?.shift();
    if (replaced !== undefined) pairs.push([replaced, index]);
    return replaced === undefined;
  });
  return { pairs, added, removed: [...gone.values()].flat().sort((a, b) => a - b) };
}

function hasSameName(a: Endpoint | undefined, b: Endpoint | undefined): boolean {
  if (a === b) return true;
  return (
    a?.namespace === b?.namespace && a?.name === b?.name && a?.kind === b?.kind && a?.hypothetical === b?.hypothetical
  );
}

function nameKey({ kind, namespace, name, hypothetical }: Endpoint): string {
  // A pod that moves to the network of its host stays the same pod.
  return `${kind === 'hostpod' ? 'pod' : kind}/${hypothetical ? '?' : ''}${namespace}/${name}`;
}

/** '' for what has no workload. */
function workloadKey({ namespace, workload }: Endpoint): string {
  return workload === null ? '' : `${namespace}/${workload.kind}/${workload.name}`;
}
