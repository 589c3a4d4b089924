import { groupBy, partition } from '../../base/index.js';
import { ALL, and, ANY_PORT, TCP } from '../../model/index.js';
import type {
  Action,
  Condition,
  Direction,
  PeerSet,
  PolicyEntry,
  PortMatch,
  PortSpec,
  RuleRef,
} from '../../model/index.js';
import type { RawAction, RawPort, RawRule } from './antrea.raw.js';
import { isOn } from './feature-gates.js';
import { compilePeers, peersWithPortNames } from './peers.compile.js';
import type { Subjects } from './subjects.compile.js';
import { serviceTierId, tierId } from './tiers.js';
import type { Scope } from './workloads.compile.js';

const ACTIONS: Readonly<Record<RawAction, Action>> = { Allow: 'allow', Drop: 'deny', Reject: 'deny', Pass: 'pass' };

/** Where a rule stands and whom it speaks of. */
export interface RulePlace {
  readonly source: RuleRef;
  readonly direction: Direction;
  readonly tier: string;
  readonly priority: number;
  readonly subjects: Subjects;
}

/** The part of a rule's entries that its ports decide. */
interface Variant {
  readonly ports: PortSpec;
  readonly conditions: readonly Condition[];
}

/**
 * Entries of one rule. They share one order key, which other policies' rules may have too: what happens then is left
 * open (AT-9), while the entries of one rule keep their order.
 */
export function compileRule(rule: RawRule, place: RulePlace, scope: Scope): readonly PolicyEntry[] {
  const { subjects, direction } = place;
  const base: PolicyEntry = {
    source: { ...place.source, ...refusalOf(rule.action) },
    direction,
    tier: tierId(place.tier),
    order: [place.priority, place.source.index],
    tieUndefined: true,
    subject: subjects.selector,
    peers: compilePeers(rule.peers, scope),
    ports: ANY_PORT,
    family: null,
    action: ACTIONS[rule.action],
    isolates: false,
    conditions: [],
  };
  const variants = rule.services === null ? portVariants(rule.ports) : [serviceVariant(rule.services, scope)];
  const entries = variants
    .flatMap((variant) => namesApart({ ...base, ...variant }, rule, scope))
    .flatMap((entry) => withRequests(entry, rule.requests, scope));
  const atWorkloads = subjects.selector.type === 'none' ? [] : entries;
  return [...atWorkloads, ...entries.flatMap((entry) => atServices(entry, place))];
}

function refusalOf(action: RawAction): Pick<RuleRef, 'refusal'> {
  if (action === 'Drop') return { refusal: 'drop' };
  return action === 'Reject' ? { refusal: 'reject' } : {};
}

/** One variant for each range of client ports and each multicast group (AT-25, AT-27). */
function portVariants(ports: readonly RawPort[] | null): readonly Variant[] {
  if (ports === null) return [{ ports: ANY_PORT, conditions: [] }];
  const groups = groupBy(ports, (port) => `${port.source?.join('-') ?? ''} ${port.multicastGroup}`);
  return [...groups.values()].map((group) => {
    const { source, multicastGroup } = group[0] as RawPort;
    const conditions: Condition[] = [];
    if (source !== null) conditions.push({ type: 'sourcePort', ranges: [source] });
    if (multicastGroup !== '') conditions.push({ type: 'unsupported', what: `IGMP group ${multicastGroup}` });
    return { ports: { include: group.map(({ match }) => match), except: [] }, conditions };
  });
}

/** In egress names of ports are for those peers alone that have them; the other ports are for all. (AT-44) */
function namesApart(entry: PolicyEntry, rule: RawRule, scope: Scope): readonly PolicyEntry[] {
  const { include, except } = entry.ports;
  if (entry.direction === 'ingress' || include === 'any') return [entry];
  const [names, others] = partition(include, (match) => match.type === 'named');
  if (names.length === 0) return [entry];
  const named = { ...entry, peers: peersWithPortNames(rule.peers, scope), ports: { include: names, except } };
  return others.length === 0 ? [named] : [{ ...entry, ports: { include: others, except } }, named];
}

/** Traffic to the addresses of Services, not to those of their backends (AT-28). */
function serviceVariant(services: NonNullable<RawRule['services']>, scope: Scope): Variant {
  const names = services.map(({ namespace, name }) => `${namespace === '' ? scope.namespace : namespace}/${name}`);
  return { ports: ANY_PORT, conditions: [{ type: 'service', names: names.sort() }] };
}

/**
 * A rule with requests allows what they match and drops everything else that its peers and ports match: later rules are
 * not tried (AT-36).
 */
function withRequests(entry: PolicyEntry, requests: RawRule['requests'], scope: Scope): readonly PolicyEntry[] {
  if (requests.length === 0) return [entry];
  const drop: PolicyEntry = { ...entry, source: { ...entry.source, refusal: 'drop' }, action: 'deny' };
  if (!isOn('L7NetworkPolicy', scope.env.semantics)) {
    const condition: Condition = { type: 'unsupported', what: 'feature gate L7NetworkPolicy is off' };
    return [entry, drop].map((one) => ({ ...one, conditions: [...one.conditions, condition] }));
  }
  const named = (['http', 'tls'] as const).flatMap((protocol): RequestCondition[] => {
    const rules = requests.filter((request) => request.protocol === protocol).map((request) => request.rule);
    if (rules.length === 0) return [];
    return [{ type: 'l7', protocol, rules, ...(protocol === 'http' ? { transport: 'clear' } : {}) }];
  });
  const rest = named.map((one): RequestCondition => ({ ...one, rules: [{ except: one.rules }], others: true }));
  const { tcp, others } = apartFromTcp(entry.ports);
  return [
    ...named.map((one) => ({ ...entry, ports: tcp, conditions: [...entry.conditions, one] })),
    { ...drop, ports: tcp, conditions: [...drop.conditions, ...rest] },
    ...(others.include.length === 0 ? [] : [{ ...drop, ports: others }]),
  ];
}

type RequestCondition = Extract<Condition, { type: 'l7' }>;

/** Requests are made over TCP. */
function apartFromTcp({ include, except }: PortSpec): Readonly<Record<'tcp' | 'others', PortSpec>> {
  const every: PortMatch = { type: 'protocol', protocol: TCP };
  if (include === 'any') return { tcp: { include: [every], except }, others: { include, except: [...except, every] } };
  const [tcp, others] = partition(include, ({ protocol }) => protocol === TCP);
  return { tcp: { include: tcp, except }, others: { include: others, except } };
}

/** The entry as it holds for clients outside the cluster that enter one of the Services (AT-20). */
function atServices(entry: PolicyEntry, { subjects, tier }: RulePlace): readonly PolicyEntry[] {
  if (subjects.services.length === 0) return [];
  return [
    {
      ...entry,
      tier: serviceTierId(tier),
      subject: ALL,
      peers: fromOutside(entry.peers),
      conditions: [...entry.conditions, { type: 'service', names: subjects.services }],
    },
  ];
}

function fromOutside(peers: PeerSet): PeerSet {
  const outside = { type: 'kind', kinds: ['external'] } as const;
  if (peers.type === 'any') return { type: 'of', selectors: [outside] };
  if (peers.type === 'none') return peers;
  const selectors = peers.selectors.map((peer) => and(outside, peer)).filter((peer) => peer.type !== 'none');
  return { type: 'of', selectors };
}
