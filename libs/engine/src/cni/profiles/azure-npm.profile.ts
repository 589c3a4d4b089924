import { ANY_PORT } from '../../model/index.js';
import type { StandingAllow } from '../../model/index.js';
import { isTrue } from '../detector.js';
import { capabilities, cell, namesOfContainers, NO_SUPPORT } from '../profile.js';
import type { CniProfile, ProfileContext, SemanticsDeviation } from '../profile.js';
import { aksDocs, file, pull, release } from '../source.js';

const GUIDE = aksDocs('use-network-policies.md');
const REPOSITORY = 'Azure/azure-container-networking';
const CODE = file(REPOSITORY, 'npm/pkg/controlplane/translation/translatePolicy.go');

const IPV6: StandingAllow = {
  directions: ['ingress', 'egress'],
  ports: ANY_PORT,
  title: 'IPv6',
  family: 6,
  open: 'policy for IPv6 is not supported',
};

function deviations(context: ProfileContext): readonly SemanticsDeviation[] {
  const out: SemanticsDeviation[] = [
    {
      subject: 'NodePort and LoadBalancer Services with externalTrafficPolicy Cluster',
      deviation: 'widened',
      note: 'traffic through them is not held to ingress policy',
      source: GUIDE,
    },
    namesOfContainers(file('Azure/azure-container-networking', 'npm/pkg/controlplane/controllers/v2/podController.go')),
    {
      subject: 'IPv6',
      deviation: 'unknown',
      note: 'is not supported: what policy denies may pass',
      source: GUIDE,
    },
    {
      subject: 'namespaceSelector with `NotIn` and several values',
      deviation: 'unknown',
      note: 'until September 2026 a namespace with one of the values was taken for chosen',
      source: pull(REPOSITORY, 4866),
    },
    {
      subject: 'peers that only say which labels are absent',
      deviation: 'unknown',
      note: 'until September 2026 addresses outside the cluster matched a namespaceSelector of this sort',
      source: pull(REPOSITORY, 4868),
    },
    {
      subject: 'blocks of IPv6',
      deviation: 'ignored',
      note: 'a policy with one, or with a number that begins with a zero, has no effect at all',
      source: pull(REPOSITORY, 1738),
    },
    {
      subject: 'blocks of prefix 0 other than 0.0.0.0/0',
      deviation: 'unknown',
      note: 'until September 2026 a policy with one had no effect at all',
      source: pull(REPOSITORY, 4867),
    },
    {
      subject: 'scale',
      deviation: 'unknown',
      note: 'not supported above 250 nodes or 20,000 pods',
      source: GUIDE,
    },
  ];
  if (isTrue(context.options['windows'])) {
    const note = 'on Windows nodes named ports, SCTP, negative selectors and except are not supported';
    out.push({ subject: 'Windows nodes', deviation: 'unknown', note, source: GUIDE });
  }
  return out;
}

export const azureNpmProfile: CniProfile = {
  id: 'azure-npm',
  title: 'Azure Network Policy Manager',
  vendor: null,
  support: () => ({ ...NO_SUPPORT, networkPolicy: 'yes' }),
  semantics: () => ({ combination: 'knp-only', networkPolicyOf: 'azure-npm', standingAllows: [IPV6] }),
  deviations,
  capabilities: capabilities('YYPPPYNNNNNNN', {
    namedPorts: 'not on Windows',
    sctp: 'not on Windows',
    ipBlockExcept: 'not on Windows',
  }),
  columns: {
    standardPolicy: cell('yes; less on Windows', release('Azure/AKS', '2019-05-06'), 'from AKS 2019-05-06'),
    l7: cell('no', GUIDE),
    dnsNames: cell('no', GUIDE),
    clusterWide: cell('no', GUIDE),
    deny: cell('no', GUIDE),
    flowLogs: cell('no', GUIDE),
    dataplane: cell('iptables and ipset; HNS on Windows', CODE),
    ownNode: cell('always', aksDocs('migrate-from-npm-to-cilium-network-policy.md')),
    encryption: cell('no', GUIDE),
  },
  notes: [{ text: 'support on Linux ends on 30 September 2028', source: GUIDE }],
};
