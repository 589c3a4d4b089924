import type { Semantics } from '#engine';

import type { ExpectedCase } from './case.js';
import type { Probe } from './system-under-test.js';

type Convention = (expected: ExpectedCase) => Partial<Semantics>;

const outsideOnly = { pods: false, nodes: false } as const;
const everyAddress = { pods: true, nodes: true } as const;

/** Tools that read manifests take a pod on the host network for a pod like any other. */
const manifestTool: Partial<Semantics> = {
  cidrMatches: outsideOnly,
  hostPodsAsPeers: true,
  hostPodsAsSubjects: true,
  ownNodeToPod: false,
  podToOwnNode: false,
};

const specification: Convention = () => ({ combination: 'spec', cidrMatches: everyAddress, podToOwnNode: false });
/** Equal priorities go by name, a NetworkPolicy decides both directions of its subject, and each API has its build. */
const kubeNetworkPolicies: Convention = (expected) => ({
  ...specification(expected),
  knpDecidesBothDirections: true,
  options: {
    engine: 'kube-network-policies',
    flavour: expected.policyKinds.some((kind) => kind.includes('AdminNetworkPolicy')) ? 'npa-v1alpha1' : 'npa-v1alpha2',
  },
});
const npGuard: Convention = () => ({ ...manifestTool, combination: 'spec', options: { nodePeers: 'ignored' } });
/** Hosts have no ports that stay open whatever policy says. */
const nca: Convention = () => ({ ...manifestTool, combination: 'calico', options: { 'failsafe-ports': 'none' } });

const cilium: Convention = ({ requires = [] }) => ({
  combination: 'cilium',
  cidrMatches: { pods: false, nodes: requires.includes('CIDRMatchNodes') },
  podToOwnNode: false,
  options: {
    'enable-l7-proxy': 'true',
    ...(requires.includes('CIDRMatchNodes') ? { 'policy-cidr-match-mode': 'nodes' } : {}),
    ...(requires.includes('HostFirewall') ? { 'enable-host-firewall': 'true' } : {}),
    'enable-node-selector-labels': 'true',
  },
});

/** How each corpus reads policy: its README's "What each corpus assumes", as options of the engine. */
const CONVENTIONS: Readonly<Record<string, Convention>> = {
  'k8s-e2e': specification,
  cyclonus: specification,
  recipes: specification,
  'kube-network-policies': kubeNetworkPolicies,
  'network-policy-api': specification,
  'policy-assistant': specification,
  'np-guard-eval': npGuard,
  'np-guard-connlist': npGuard,
  'np-guard-parsed': npGuard,
  'np-guard-exposure': npGuard,
  'np-guard-explain': npGuard,
  'np-guard-diff': npGuard,
  'np-guard-invalid': npGuard,
  'nca-connectivity': nca,
  'nca-relations': nca,
  'calico-fv': ({ defaultAllow }) => ({
    combination: 'calico',
    cidrMatches: everyAddress,
    podToOwnNode: false,
    podDefault: defaultAllow === false ? 'deny' : 'allow',
  }),
  'antrea-e2e': () => ({ combination: 'antrea', cidrMatches: everyAddress, podToOwnNode: false }),
  'antrea-invalid': () => ({ combination: 'antrea' }),
  'cilium-connectivity': cilium,
};

/** The switches that a case's corpus needs; none for a corpus that is not listed, such as our own scenarios. */
export function corpusSemantics(expected: ExpectedCase): Partial<Semantics> {
  return CONVENTIONS[expected.corpus]?.(expected) ?? {};
}

/** Linux takes the ports of clients from 32768 to 60999 unless it is told otherwise. */
const LINUX_CLIENT_PORT = 40_000;

/** What the clients of a corpus have in common: those of antrea-e2e are Linux containers with default settings. */
export function corpusClient(expected: ExpectedCase): Partial<Probe> {
  return expected.corpus === 'antrea-e2e' ? { sourcePort: LINUX_CLIENT_PORT } : {};
}
