import { SPEC, type Conventions } from './oracle/index.js';
import { combinationOf, conventionsOf, type Manifest, type PolicyMix } from './random-cluster.js';
import type { RandomSource } from './random-source.js';

/** Of what kube-router makes of NetworkPolicy most is its own. */
const READINGS = [
  'spec',
  'spec',
  'spec',
  'calico',
  'ovn',
  'antrea',
  'aws',
  'kube-ovn',
  'azure-npm',
  'kube-network-policies',
  'kube-router-nftables',
  'kube-router',
  'kube-router',
  'kube-router',
] as const;

/** The specification's, and those of engines beside any plugin. */
const SELF_JUDGES = [
  SPEC.toItself,
  SPEC.toItself,
  { egress: 'policy', ingress: 'policy' },
] as const satisfies readonly Conventions['toItself'][];

/** Whether a release of Cilium before 1.19 has all that the policies use. */
function fitsEarlier(policies: readonly Manifest[]): boolean {
  let fits = true;
  JSON.stringify(policies, (key, value: unknown) => {
    const isRule = typeof value === 'object' && value !== null && 'toServices' in value;
    const isServicesWithPorts = isRule && ('toPorts' in value || 'icmps' in value);
    const isOfNamespace = key.endsWith('Entities') && (value as readonly string[]).includes('namespace');
    if (isServicesWithPorts || isOfNamespace || value === 'ClusterNetworkPolicy') fits = false;
    return value;
  });
  return fits;
}

const releasesThatFit = (policies: readonly Manifest[]): readonly Conventions['release'][] => [
  ...(fitsEarlier(policies) ? (['1.18'] as const) : []),
  ...(fitsNineteen(policies) ? (['1.19', '1.19'] as const) : []),
];

/** Whether 1.19 has it all; what modes of authentication make of DNS rules nobody tells. */
function fitsNineteen(policies: readonly Manifest[]): boolean {
  const text = JSON.stringify(policies);
  const isTold = !/"(?:from|to)Requires"|"namespace"\]|"namespace",|"ClusterNetworkPolicy"/.test(text);
  return isTold && !(text.includes('"authentication"') && text.includes('"dns":'));
}

/**
 * The specification's reading half of the time; else every switch at random, since tools and CNIs differ on them. With the
 * policies told, also an earlier release that takes them.
 */
export function randomConventions(
  random: RandomSource,
  mix: PolicyMix,
  policies: readonly Manifest[] | null = null,
): Conventions {
  const combination = combinationOf(mix);
  if (combination === 'cilium') {
    const blocks = { blocksMatchPods: false, blocksMatchNodes: random.chance(0.3) };
    const always = random.chance(0.2);
    const releases = policies === null ? [] : releasesThatFit(policies);
    const release = releases.length > 0 && random.chance(0.7) ? random.pick(releases) : '';
    const isEarlier = release !== '';
    return {
      ...conventionsOf(mix),
      ...blocks,
      podReachesOwnNode: false,
      always,
      ownNodeNeedsRule: always && !isEarlier && random.chance(0.7),
      release,
      peersAreLocal: random.chance(0.7),
    };
  }
  if (combination === 'aws') {
    const options = { always: random.chance(0.4), opensOtherDirection: random.chance(0.8) };
    const networkPolicyOf = random.chance(0.7) ? 'aws' : 'spec';
    const excepts = { exceptsMayDeny: random.chance(0.5) };
    return { ...conventionsOf(mix), ...options, ...excepts, hostPodsArePeers: true, networkPolicyOf };
  }
  if (combination !== 'spec') {
    const networkPolicyOf = random.chance(0.5) ? combination : 'spec';
    const windowsAgents = combination === 'calico' && random.chance(0.4);
    const hostAction =
      combination === 'calico' ? { drops: random.chance(0.3), isFixed: random.chance(0.2) } : SPEC.hostAction;
    const ebpf = combination === 'calico' && random.chance(0.4);
    return {
      ...conventionsOf(mix),
      networkPolicyOf,
      windowsAgents,
      ebpf,
      hostAction,
      podReachesOwnNode: random.chance(0.5),
    };
  }
  const usual = random.chance(0.5);
  const either = (value: boolean): boolean => (usual ? value : random.chance(0.5));
  const hostPodsAreSubjects = either(false);
  return {
    ...conventionsOf(mix),
    blocksMatchPods: either(true),
    blocksMatchNodes: either(true),
    hostPodsAreSubjects,
    // Who takes them for subjects takes them for pods altogether.
    hostPodsArePeers: hostPodsAreSubjects || either(false),
    ownNodeReachesPod: either(true),
    podReachesOwnNode: either(true),
    toItself: random.pick(SELF_JUDGES),
    meshNamesPorts: mix === 'istio' && random.chance(0.25),
    networkPolicyOf: mix === 'istio' ? 'spec' : random.pick(READINGS),
  };
}
