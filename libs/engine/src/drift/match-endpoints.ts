import type { Endpoint } from '../compile/endpoint.js';

/** Endpoints of two states that are the same thing, and those that one state alone has. All by index. */
export interface EndpointMatch {
  readonly pairs: readonly (readonly [number, number])[];
  readonly added: readonly number[];
  readonly removed: readonly number[];
}

/** Matches by kind and name; a pod that replaced another of its workload stands for it. */
export function matchEndpoints(before: readonly Endpoint[], after: readonly Endpoint[]): EndpointMatch {
  const names = new Map(before.map((endpoint, index) => [nameKey(endpoint), index]));
  const pairs: [number, number][] = [];
  const left: number[] = [];
  for (const [index, endpoint] of after.entries()) {
    const key = nameKey(endpoint);
    const known = names.get(key);
    if (known === undefined) left.push(index);
    else {
      names.delete(key);
      pairs.push([known, index]);
    }
  }
  const gone = new Map<string, number[]>();
  for (const index of names.values()) {
    const key = workloadKey(before[index] as Endpoint);
    const list = gone.get(key);
    if (list === undefined) gone.set(key, [index]);
    else list.push(index);
  }
  const added = left.filter((index) => {
    const key = workloadKey(after[index] as Endpoint);
    const replaced = key === '' ? undefined : gone.get(key)?.shift();
    if (replaced !== undefined) pairs.push([replaced, index]);
    return replaced === undefined;
  });
  return { pairs, added, removed: [...gone.values()].flat().sort((a, b) => a - b) };
}

function nameKey({ kind, namespace, name, hypothetical }: Endpoint): string {
  // A pod that moves to the network of its host stays the same pod.
  return `${kind === 'hostpod' ? 'pod' : kind}/${hypothetical ? '?' : ''}${namespace}/${name}`;
}

/** '' for what has no workload. */
function workloadKey({ namespace, workload }: Endpoint): string {
  return workload === null ? '' : `${namespace}/${workload.kind}/${workload.name}`;
}
