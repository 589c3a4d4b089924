import { oncePer } from '../../base/index.js';
import { and, ANY_PORT, not, objectRef } from '../../model/index.js';
import type { CompiledPolicy, PolicyEntry, PolicyFact, PortMatch, Selector, Tier } from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { readOpenPorts } from './open-ports.parse.js';
import { parseUserDefinedNetwork } from './user-defined-network.parse.js';

const OPEN_PORTS = 'k8s.ovn.org/open-default-ports';
/** Of the default network, reached from every other one by the way of its Services. (UDN-4) */
const DNS_SERVICES: readonly string[] = ['kube-system/kube-dns', 'openshift-dns/dns-default'];
const POD: Selector = { type: 'kind', kinds: ['pod'] };

/** A gate of its own, told first: policy cannot open a way that the networks do not have. (UDN-3) */
export const NETWORK_TIER: Tier = {
  id: 'user-defined-network',
  title: 'user-defined networks',
  order: [Number.MIN_SAFE_INTEGER],
  passTo: '',
  gate: 'user-defined-network',
};

/** What a primary network keeps apart (user-defined-network.semantics.md). */
export function compileUserDefinedNetwork(fact: PolicyFact, env: CompileEnv): CompiledPolicy {
  const problems = new ProblemList(fact.meta);
  const policy = objectRef(fact.meta);
  const namespaces = parseUserDefinedNetwork(fact, problems);
  const { diagnostics, failed: refused } = problems;
  if (refused || namespaces === null) return { policy, entries: [], diagnostics, refused };
  const members = and(POD, namespaces);
  const entry = (given: Pick<PolicyEntry, 'direction' | 'order' | 'action'> & Partial<PolicyEntry>): PolicyEntry => ({
    source: { policy, pointer: '/spec', index: -1, name: '' },
    tier: NETWORK_TIER.id,
    tieUndefined: false,
    subject: members,
    peers: { type: 'of', selectors: [and(POD, not(namespaces))] },
    ports: ANY_PORT,
    family: null,
    isolates: false,
    conditions: [],
    ...given,
  });
  const entries = [
    entry({ direction: 'egress', order: [0], action: 'allow', conditions: [{ type: 'service', names: DNS_SERVICES }] }),
    entry({ direction: 'egress', order: [1], action: 'deny' }),
    ...withOpenPorts(env).map(({ pods, ports }) => {
      const open = { direction: 'ingress', order: [0], action: 'allow', subject: and(members, pods) } as const;
      if (ports !== null) return entry({ ...open, ports: { include: ports, except: [] } });
      const what = `annotation ${OPEN_PORTS}, which opens ports, cannot be read`;
      return entry({ ...open, conditions: [{ type: 'unsupported', what }] });
    }),
    entry({ direction: 'ingress', order: [1], action: 'deny' }),
  ];
  return { policy, entries, diagnostics, refused };
}

/** A pod and the ports that it opens; null where these cannot be read. */
interface OpenPorts {
  readonly pods: Selector;
  readonly ports: readonly PortMatch[] | null;
}

/** Pods that open ports to the default network, and those that workloads will make: the same for every network. (UDN-5) */
const withOpenPorts = oncePer((env: CompileEnv): readonly OpenPorts[] => {
  const annotated = [
    ...env.pods.map(({ meta }) => ({ meta, text: meta.annotations[OPEN_PORTS] })),
    ...env.workloads.map(({ meta, template }) => ({ meta, text: template.annotations[OPEN_PORTS] })),
  ];
  return annotated.flatMap(({ meta, text }): OpenPorts[] => {
    if (text === undefined) return [];
    const pods: Selector = { type: 'endpoint', namespace: meta.namespace, names: [meta.name] };
    return [{ pods, ports: readOpenPorts(text) }];
  });
});
