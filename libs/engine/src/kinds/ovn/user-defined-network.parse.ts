import { field, isObject, path, pointerToMissing } from '../../base/index.js';
import type { JsonObject } from '../../base/index.js';
import { and } from '../../model/index.js';
import type { PolicyFact, Selector } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { readLabelSelector } from '../shared/index.js';

/** The field of each topology, and the roles that it has. */
const TOPOLOGIES: Readonly<Record<string, readonly [field: string, roles: readonly string[]]>> = {
  Layer2: ['layer2', ['Primary', 'Secondary']],
  Layer3: ['layer3', ['Primary', 'Secondary']],
  Localnet: ['localnet', ['Secondary']],
};
const SELECTOR = ['spec', 'namespaceSelector'] as const;
const PRIMARY: Selector = {
  type: 'label',
  owner: 'namespace',
  key: 'k8s.ovn.org/primary-user-defined-network',
  op: 'exists',
  values: [],
};

/** The namespaces whose pods have the network as their primary one; null for a secondary network. (UDN-1, UDN-2) */
export function parseUserDefinedNetwork({ meta, raw }: PolicyFact, problems: ProblemList): Selector | null {
  const ofCluster = meta.kind === 'ClusterUserDefinedNetwork';
  const names = Object.keys(TOPOLOGIES).filter((name) => ofCluster || name !== 'Localnet');
  const role = parseRole(raw, ofCluster ? ['spec', 'network'] : ['spec'], names, problems);
  const namespaces: Selector = ofCluster
    ? readLabelSelector(path(raw, ...SELECTOR), 'namespace', pointerToMissing(raw, ...SELECTOR), problems)
    : { type: 'namespace', names: [meta.namespace] };
  return role === 'Primary' ? and(namespaces, PRIMARY) : null;
}

/** A network is of one topology, and has the field of that one alone. (UDN-7) */
function parseRole(
  raw: JsonObject,
  place: readonly string[],
  names: readonly string[],
  problems: ProblemList,
): 'Primary' | 'Secondary' {
  const network = path(raw, ...place);
  const at = (...steps: readonly string[]): string => pointerToMissing(raw, ...place, ...steps);
  if (!isObject(network)) {
    problems.error('userdefinednetwork.network', at(), `expected a network, found ${describe(network)}`);
    return 'Secondary';
  }
  const topology = field(network, 'topology');
  const known = names.find((name) => name === topology);
  const [own, roles] = (known === undefined ? undefined : TOPOLOGIES[known]) ?? [];
  if (own === undefined || roles === undefined) {
    problems.error('userdefinednetwork.topology', at('topology'), `${oneOf(names)}, found ${describe(topology)}`);
    return 'Secondary';
  }
  for (const [other] of Object.values(TOPOLOGIES)) {
    if (other === own || (field(network, other) ?? null) === null) continue;
    problems.error('userdefinednetwork.topology', at(other), `cannot stand with topology \`${topology as string}\``);
    return 'Secondary';
  }
  const role = field(field(network, own), 'role');
  if ((role === 'Primary' || role === 'Secondary') && roles.includes(role)) return role;
  problems.error('userdefinednetwork.role', at(own, 'role'), `${oneOf(roles)}, found ${describe(role)}`);
  return 'Secondary';
}

const oneOf = (words: readonly string[]): string => `expected ${words.map((word) => `\`${word}\``).join(' or ')}`;
