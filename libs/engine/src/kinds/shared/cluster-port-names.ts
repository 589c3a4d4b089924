import { atLeast } from '../../cni/version.js';
import { hasName } from '../../model/index.js';
import type { PodFact, PortMatch, Protocol, Semantics } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';

export type NamedMatch = Extract<PortMatch, { type: 'named' }>;

/**
 * What port names stand for in egress: each pod's own number, or, to Cilium before 1.20, the one number that the pods of
 * the cluster give them; open where the version is not known.
 */
export function portNamesOf({ combination, options }: Semantics): 'by-pod' | 'by-cluster' | 'open' {
  if (combination !== 'cilium' || options['engine'] === undefined) return 'by-pod';
  const byPod = atLeast(options['version'] ?? '', '1.20');
  return byPod === null ? 'open' : byPod ? 'by-pod' : 'by-cluster';
}

/** A port's name, resolved at the destination. To Cilium pods on the host network are their node, which has no names. */
export function namedPort(name: string, protocol: Protocol, semantics: Semantics): NamedMatch {
  const hosts = semantics.combination === 'cilium' ? { notAtHosts: true as const } : {};
  return { type: 'named', protocol, name, ...hosts, ...namingContainers(semantics) };
}

/** Of which containers an engine knows the names of ports. (NP-53) */
export function namingContainers({ networkPolicyOf }: Semantics): Pick<NamedMatch, 'containers'> {
  switch (networkPolicyOf) {
    case 'cilium':
    case 'antrea':
    case 'aws':
    case 'kube-router':
    case 'kube-router-nftables':
    case 'azure-npm':
    case 'kube-network-policies':
      return { containers: 'main' };
    case 'calico':
      return { containers: 'all' };
    case 'spec':
    case 'ovn':
    case 'kube-ovn':
      return {};
  }
}

/** What a port's name of egress stands for, for certain or depending on the version of the agent. */
export interface EgressName {
  readonly certain: readonly PortMatch[];
  readonly open: readonly { readonly match: PortMatch; readonly why: string }[];
}

/** A name may be the number that the pods of the cluster give it. (CNP-55) */
export function egressName(named: NamedMatch, protocol: Protocol, env: CompileEnv): EgressName {
  const { name } = named;
  const meaning = portNamesOf(env.semantics);
  if (meaning === 'by-pod') return { certain: [named], open: [] };
  const numbers = clusterNumbers(name, protocol, env);
  if (numbers.length > 1) {
    const why = `pods give port name \`${name}\` different numbers`;
    return { certain: [], open: meaning === 'by-cluster' ? [] : [{ match: named, why }] };
  }
  const everywhere = numbers.map((port): PortMatch => ({ type: 'range', protocol, from: port, to: port }));
  if (meaning === 'by-cluster') return { certain: everywhere, open: [] };
  const why = `port name \`${name}\` may stand for its number at peers without such a port`;
  return { certain: [named], open: everywhere.map((match) => ({ match, why })) };
}

/** By `protocol/name`, and in a namespace by `namespace/protocol/name`. */
type PortNumbers = ReadonlyMap<string, ReadonlySet<number>>;

const NUMBERS = new WeakMap<readonly PodFact[], PortNumbers>();

function numbersOf({ pods }: CompileEnv): PortNumbers {
  let known = NUMBERS.get(pods);
  if (known === undefined) NUMBERS.set(pods, (known = gather(pods)));
  return known;
}

/** The numbers that pods of the cluster give a port name. */
function clusterNumbers(name: string, protocol: Protocol, env: CompileEnv): readonly number[] {
  return [...(numbersOf(env).get(`${protocol}/${name}`) ?? [])];
}

/** The numbers that pods of a namespace give a port name. */
export function namespaceNumbers(
  name: string,
  protocol: Protocol,
  namespace: string,
  env: CompileEnv,
): readonly number[] {
  return [...(numbersOf(env).get(`${namespace}/${protocol}/${name}`) ?? [])].sort((a, b) => a - b);
}

/** Pods on the host network have no names, nor have init containers to the engines that gather them. (NP-53) */
function gather(pods: readonly PodFact[]): PortNumbers {
  const out = new Map<string, Set<number>>();
  const add = (key: string, port: number): void => {
    const numbers = out.get(key);
    if (numbers === undefined) out.set(key, new Set([port]));
    else numbers.add(port);
  };
  for (const { meta, shape, phase } of pods) {
    if (shape.hostNetwork || phase === 'Succeeded' || phase === 'Failed') continue;
    for (const container of shape.ports) {
      const { name, port, protocol } = container;
      if (name === '' || !hasName(container, 'main')) continue;
      add(`${protocol}/${name}`, port);
      add(`${meta.namespace}/${protocol}/${name}`, port);
    }
  }
  return out;
}
