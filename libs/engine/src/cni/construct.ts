import { field, isObject, pointer } from '../base/index.js';
import type { JsonObject } from '../base/index.js';
import type { CniKindGroup, KindGroup } from './profile.js';

/** Fields of policies that not every engine, version or configuration implements as they are written. */
export const CONSTRUCTS = [
  'portRange',
  'namedPort',
  'egressNamedPort',
  'bareNamedPort',
  'sctp',
  'ipBlockExcept',
  'hostPolicy',
  'requests',
  'dnsNames',
  'nodePeers',
  'defaultDeny',
  'ingressCidrGroup',
  'egressCidrGroup',
  'cidrGroupSelector',
  'icmp',
  'denyRules',
  'servicePorts',
  'requires',
  'authentication',
  'tier',
] as const;
export type Construct = (typeof CONSTRUCTS)[number];

/** Where a construct stands in the policies of a group of kinds. */
interface Place {
  readonly group: CniKindGroup;
  /** Steps of a pointer: `*` is each item of a list, `a|b` either field. */
  readonly at: string;
  /** Whether what stands there is the construct. */
  readonly is: (value: unknown, parent: JsonObject) => boolean;
}

type Sketch = Pick<Place, 'at'> & Partial<Pick<Place, 'is'>>;

const networkPolicy = (at: string, is?: Place['is']): Place => place('networkPolicy', `/spec/${at}`, is);
const RULES = 'ingress|egress/*/';
const PEERS = `${RULES}from|to/*/`;

/** Cilium's rules stand in `spec`, or in each of `specs`. */
function cilium(...sketches: readonly Sketch[]): Place[] {
  return (['cilium', 'ciliumClusterwide'] as const).flatMap((group) =>
    sketches.flatMap(({ at, is }) => [place(group, `/spec/${at}`, is), place(group, `/specs/*/${at}`, is)]),
  );
}
const CILIUM_RULES = 'ingress|ingressDeny|egress|egressDeny/*/';
const CILIUM_PORTS = `${CILIUM_RULES}toPorts/*/ports/*/`;

const isSctp = (value: unknown): boolean => value === 'SCTP';
const isRange = (value: unknown, { port }: JsonObject): boolean => value !== 0 && value !== Number(port);
const isName = (value: unknown): boolean => typeof value === 'string' && !/^\d+$/.test(value);
const isBare = (side: unknown, rule: JsonObject): boolean =>
  field(rule, 'protocol') === undefined &&
  ['ports', 'notPorts'].some((list) => [field(side, list)].flat().some((port) => isName(port)));
const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

const PLACES: Readonly<Record<Construct, readonly Place[]>> = {
  portRange: [
    networkPolicy(`${RULES}ports/*/endPort`, isRange),
    ...cilium({ at: `${CILIUM_PORTS}endPort`, is: isRange }),
  ],
  namedPort: [networkPolicy(`${RULES}ports/*/port`, isName), place('adminV1alpha1', `/spec/${RULES}ports/*/namedPort`)],
  egressNamedPort: [
    networkPolicy('egress/*/ports/*/port', isName),
    ...cilium({ at: 'egress|egressDeny/*/toPorts/*/ports/*/port', is: isName }),
  ],
  bareNamedPort: [place('calico', '/spec/ingress|egress/*/source|destination', isBare)],
  sctp: [networkPolicy(`${RULES}ports/*/protocol`, isSctp), ...cilium({ at: `${CILIUM_PORTS}protocol`, is: isSctp })],
  ipBlockExcept: [networkPolicy(`${PEERS}ipBlock/except`, isFilled)],
  hostPolicy: [...cilium({ at: 'nodeSelector' }), place('antrea', '/spec/appliedTo/*/nodeSelector')],
  requests: [
    ...cilium({ at: `${CILIUM_RULES}toPorts/*/rules|serverNames` }),
    place('antrea', `/spec/${RULES}l7Protocols`, isFilled),
  ],
  dnsNames: [
    ...cilium({ at: 'egress/*/toFQDNs' }),
    place('calico', '/spec/egress/*/destination/domains', isFilled),
    place('clusterV1alpha2', '/spec/egress/*/to/*/domainNames', isFilled),
    place('awsCluster', '/spec/egress/*/to/*/domainNames', isFilled),
  ],
  nodePeers: [
    ...cilium({ at: `${CILIUM_RULES}fromNodes|toNodes` }),
    place('adminV1alpha1', `/spec/${PEERS}nodes`),
    place('clusterV1alpha2', `/spec/${PEERS}nodes`),
  ],
  defaultDeny: cilium({ at: 'enableDefaultDeny/ingress|egress', is: (value) => value === false }),
  ingressCidrGroup: cilium({ at: 'ingress|ingressDeny/*/fromCIDRSet/*/cidrGroupRef' }),
  egressCidrGroup: cilium({ at: 'egress|egressDeny/*/toCIDRSet/*/cidrGroupRef' }),
  cidrGroupSelector: cilium({ at: `${CILIUM_RULES}fromCIDRSet|toCIDRSet/*/cidrGroupSelector` }),
  icmp: cilium({ at: `${CILIUM_RULES}icmps` }),
  denyRules: cilium({ at: 'ingressDeny|egressDeny', is: isFilled }),
  servicePorts: cilium({
    at: 'egress|egressDeny/*/toPorts',
    is: (_, rule) => field(rule, 'toServices') !== undefined,
  }),
  requires: cilium({ at: `${CILIUM_RULES}fromRequires|toRequires` }),
  authentication: cilium({ at: 'ingress|egress/*/authentication/mode', is: (value) => value !== 'disabled' }),
  tier: [place('calico', '/spec/tier', (value) => value !== 'default' && value !== '')],
};

/** Whatever is there counts when nothing else is said. */
function place(group: CniKindGroup, at: string, is: Place['is'] = () => true): Place {
  return { group, at, is };
}

/** Whether policies of a group can have a construct. */
export function isIn(construct: Construct, group: KindGroup): boolean {
  return PLACES[construct].some((known) => known.group === group);
}

/** The pointers at which a policy of a group uses a construct. */
export function usesOf(construct: Construct, group: KindGroup, raw: JsonObject): readonly string[] {
  return PLACES[construct]
    .filter((known) => known.group === group)
    .flatMap(({ at, is }) => [...follow(raw, at.slice(1).split('/'), '', is)]);
}

function* follow(value: unknown, steps: readonly string[], at: string, is: Place['is']): Generator<string> {
  const [step, ...rest] = steps;
  if (step === undefined) return;
  if (step === '*') {
    if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* follow(item, rest, pointer(at, i), is);
    return;
  }
  for (const key of step.split('|')) {
    const found = field(value, key);
    if (found === undefined || !isObject(value)) continue;
    const there = pointer(at, key);
    if (rest.length > 0) yield* follow(found, rest, there, is);
    else if (is(found, value)) yield there;
  }
}
