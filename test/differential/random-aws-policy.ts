import { DOMAIN_NAMES, randomClusterPolicy } from './random-admin-policy.js';
import type { Manifest } from './random-cluster.js';
import { randomNetworkPolicy, randomRule } from './random-network-policy.js';
import type { RandomSource } from './random-source.js';

const API = 'networking.k8s.aws/v1alpha1';

/** Names alone, or among the peers of a rule. */
function ruleWithNames(random: RandomSource, addresses: readonly string[]): Record<string, unknown> {
  const rule = randomRule(random, 'to', addresses);
  const domainNames = random.some(DOMAIN_NAMES, 1, 2);
  if (random.chance(0.5)) return { ...('ports' in rule ? { ports: rule['ports'] } : {}), domainNames };
  const peers = (rule['to'] ?? []) as readonly unknown[];
  return { ...rule, to: random.shuffled([...peers, { domainNames }]) };
}

/** A NetworkPolicy whose rules of egress may name hosts. */
function applicationPolicy(
  random: RandomSource,
  name: string,
  namespace: string,
  addresses: readonly string[],
): Manifest {
  const standard = randomNetworkPolicy(random, name, namespace, addresses);
  const egress = random.several(1, 2, () => ruleWithNames(random, addresses));
  const spec = { ...(standard['spec'] as object), ...(random.chance(0.6) ? { egress } : {}) };
  return { ...standard, apiVersion: API, kind: 'ApplicationNetworkPolicy', spec };
}

/** Policies of the kinds that the Amazon VPC CNI adds. */
export function randomAwsObjects(
  random: RandomSource,
  namespaces: readonly string[],
  addresses: readonly string[],
): Manifest[] {
  return [
    ...random.several(1, 4, (index) => randomClusterPolicy(random, `cnp-${index}`, addresses, API)),
    ...random.several(0, 2, (index) => applicationPolicy(random, `app-${index}`, random.pick(namespaces), addresses)),
  ];
}
