import { field, isObject, path, pointerToMissing } from '../../base/index.js';
import type { JsonObject } from '../../base/index.js';
import { and } from '../../model/index.js';
import type { PolicyFact, Selector } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { readLabelSelector } from '../shared/index.js';

const TOPOLOGIES = { Layer2: 'layer2', Layer3: 'layer3', Localnet: 'localnet' } as const;
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
  const role = parseRole(raw, ofCluster ? ['spec', 'network'] : ['spec'], problems);
  const namespaces: Selector = ofCluster
    ? readLabelSelector(path(raw, ...SELECTOR), 'namespace', pointerToMissing(raw, ...SELECTOR), problems)
    : { type: 'namespace', names: [meta.namespace] };
  return role === 'Primary' ? and(namespaces, PRIMARY) : null;
}

function parseRole(raw: JsonObject, place: readonly string[], problems: ProblemList): 'Primary' | 'Secondary' {
  const network = path(raw, ...place);
  const at = (...steps: readonly string[]): string => pointerToMissing(raw, ...place, ...steps);
  if (!isObject(network)) {
    problems.error('userdefinednetwork.network', at(), `expected a network, found ${describe(network)}`);
    return 'Secondary';
  }
  const topology = field(network, 'topology');
  const key = Object.entries(TOPOLOGIES).find(([name]) => name === topology)?.[1];
  if (key === undefined) {
    const message = `expected \`Layer2\`, \`Layer3\` or \`Localnet\`, found ${describe(topology)}`;
    problems.error('userdefinednetwork.topology', at('topology'), message);
    return 'Secondary';
  }
  const role = field(field(network, key), 'role');
  if (role === 'Primary' || role === 'Secondary') return role;
  const message = `expected \`Primary\` or \`Secondary\`, found ${describe(role)}`;
  problems.error('userdefinednetwork.role', at(key, 'role'), message);
  return 'Secondary';
}
