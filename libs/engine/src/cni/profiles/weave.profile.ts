import { ANY_PORT } from '../../model/index.js';
import type { StandingAllow } from '../../model/index.js';
import { capabilities, cell, NO_SUPPORT } from '../profile.js';
import type { CniProfile } from '../profile.js';
import { release, weave as source } from '../source.js';

const DESIGN = source('docs/weavenpc-design.md');
const GUIDE = source('site/kubernetes/kube-addon.md');
const NPC = source('prog/weave-npc/main.go');

/** Policy is applied to what the bridge passes on to a pod; a host reaches its bridge without it. */
const HOSTS: StandingAllow = {
  directions: ['ingress'],
  ports: ANY_PORT,
  title: 'traffic of hosts',
  peers: ['node', 'hostpod'],
};
const MASQUERADED: StandingAllow = {
  directions: ['ingress'],
  ports: ANY_PORT,
  title: 'ingress from outside',
  peers: ['external'],
  open: 'the address of a client outside is masqueraded, so it may pass as its host does',
};

export const weaveProfile: CniProfile = {
  id: 'weave',
  title: 'Weave Net',
  vendor: null,
  support: () => ({ ...NO_SUPPORT, networkPolicy: 'yes' }),
  semantics: () => ({
    combination: 'knp-only',
    namedPorts: 'rejected',
    endPort: 'ignored',
    standingAllows: [HOSTS, MASQUERADED],
  }),
  deviations: () => [
    {
      subject: 'named ports',
      construct: 'namedPort',
      deviation: 'rejected',
      note: 'a policy with a named port is an error and has no effect',
      source: source('npc'),
    },
    {
      subject: 'endPort',
      construct: 'portRange',
      deviation: 'ignored',
      note: 'only `port` is matched',
      source: source('npc'),
    },
    {
      subject: 'ingress from outside the cluster',
      deviation: 'unknown',
      note: 'the client address is masqueraded, so address blocks are unreliable',
      source: DESIGN,
    },
    {
      subject: 'traffic of hosts',
      deviation: 'widened',
      note: 'traffic that starts at a host or its router is not policed',
      source: DESIGN,
    },
    { subject: 'multicast', deviation: 'widened', note: 'is always allowed', source: DESIGN },
  ],
  capabilities: capabilities('YNN?YPNNNNNNN', {
    namedPorts: 'a policy with one is refused',
    ipBlockMatchesPods: 'in part',
  }),
  columns: {
    standardPolicy: cell(
      'yes, egress from 2.4, blocks from 2.5; no named ports, no port ranges',
      'https://github.com/weaveworks/weave/releases/v2.4.0',
      'since before 2.4',
    ),
    l7: cell('no', GUIDE),
    dnsNames: cell('no', GUIDE),
    clusterWide: cell('no', GUIDE),
    deny: cell('no', GUIDE),
    flowLogs: cell('denied packets, by NFLOG', DESIGN),
    dataplane: cell('iptables and ipset', DESIGN),
    ownNode: cell('always', NPC),
    encryption: cell('NaCl, or IPsec in its fast path', release('weaveworks/weave', 'v2.0.1'), 'from 1.9'),
  },
  notes: [{ text: 'the project is archived', source: source('README.md') }],
};
