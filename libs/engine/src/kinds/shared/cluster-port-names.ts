import { atLeast } from '../../cni/version.js';
import type { PodFact, Protocol, Semantics } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';

/**
 * What port names stand for in egress: each pod's own number, or, to Cilium before 1.20, the one number that the pods of
 * the cluster give them; open where the version is not known.
 */
export function portNamesOf({ combination, options }: Semantics): 'by-pod' | 'by-cluster' | 'open' {
  if (combination !== 'cilium' || options['engine'] === undefined) return 'by-pod';
  const byPod = atLeast(options['version'] ?? '', '1.20');
  return byPod === null ? 'open' : byPod ? 'by-pod' : 'by-cluster';
}

const NUMBERS = new WeakMap<readonly PodFact[], ReadonlyMap<string, ReadonlySet<number>>>();

/** The numbers that pods of the cluster give a port name. */
export function clusterNumbers(name: string, protocol: Protocol, { pods }: CompileEnv): readonly number[] {
  let known = NUMBERS.get(pods);
  if (known === undefined) NUMBERS.set(pods, (known = gather(pods)));
  return [...(known.get(`${protocol}/${name}`) ?? [])];
}

/** By `protocol/name`. Pods on the host network have no names. */
function gather(pods: readonly PodFact[]): ReadonlyMap<string, ReadonlySet<number>> {
  const out = new Map<string, Set<number>>();
  for (const { shape, phase } of pods) {
    if (shape.hostNetwork || phase === 'Succeeded' || phase === 'Failed') continue;
    for (const { name, port, protocol } of shape.ports) {
      if (name === '') continue;
      const key = `${protocol}/${name}`;
      const numbers = out.get(key);
      if (numbers === undefined) out.set(key, new Set([port]));
      else numbers.add(port);
    }
  }
  return out;
}
