import { ciliumTierAction, hasIngressOfTier } from './cilium-cluster-policy.js';
import { demandOf, isForAnyPeer, narrowestDemand, widthOfPort, type Demand } from './cilium-authentication.js';
import { hostOf, identityOf, isCiliumEndpoint, NAMESPACE_KEY, selectsIdentity } from './cilium-identity.js';
import { conflict } from './cilium-merge.js';
import { isPeer, meetsRequirements, nameMatches, sideOf, type Side } from './cilium-peers.js';
import { namespaceOf, type OracleEndpoint } from './cluster.js';
import { get, has, items, labelMap, obj, str, type Raw } from './fields.js';
import { fqdnVerdict } from './gke.js';
import { namedPortMatches, subjectOf, type Packet, type Request, type Scene } from './network-policy.js';
import { networkPolicyVerdict } from './network-policy-verdict.js';
import { selectorMatches } from './selectors.js';

/** What Cilium makes of a connection; `conditional` lets it pass for some requests and not for others. */
export type CiliumVerdict = 'allow' | 'deny' | 'conditional' | 'unknown';

/** A rule set: `spec`, or one element of `specs`. */
interface RuleSet {
  readonly policy: Raw;
  readonly spec: unknown;
}

type Match = boolean | 'unknown';

const both = (...matches: readonly Match[]): Match =>
  matches.includes(false) ? false : matches.includes('unknown') ? 'unknown' : true;

const any = (matches: readonly Match[]): Match =>
  matches.includes(true) || (matches.includes('unknown') ? 'unknown' : false);

function ruleSets(scene: Scene): readonly RuleSet[] {
  const { objects } = scene.cluster;
  const policies = [
    ...(objects.get('CiliumNetworkPolicy.cilium.io') ?? []),
    ...(objects.get('CiliumClusterwideNetworkPolicy.cilium.io') ?? []),
  ];
  return policies.flatMap((policy) =>
    [get(policy, 'spec'), ...items(get(policy, 'specs'))]
      .filter((spec) => spec !== undefined)
      .map((spec) => ({ policy, spec })),
  );
}

/** Pods are chosen by their identity, in the policy's namespace where it has one; nodes by their labels. */
function selects({ policy, spec }: RuleSet, subject: OracleEndpoint, scene: Scene): boolean {
  if (has(spec, 'nodeSelector')) {
    const host = scene.cluster.nodes.find((node) => node.name === hostOf(subject));
    return host !== undefined && selectorMatches(get(spec, 'nodeSelector'), host.labels);
  }
  if (!isCiliumEndpoint(subject)) return false;
  const identity = identityOf(subject, subject, null, scene.cluster);
  const written = get(spec, 'endpointSelector');
  if (get(policy, 'kind') !== 'CiliumNetworkPolicy') return selectsIdentity(written, identity);
  return selectsIdentity(inNamespace(written, namespaceOf(policy)), identity);
}

/** CNP-4: one label asks for the policy's own namespace, in the place of what the selector has for it. */
function inNamespace(selector: unknown, namespace: string): unknown {
  const labels = Object.fromEntries(labelMap(get(selector, 'matchLabels')));
  return { ...obj(selector), matchLabels: { ...labels, [`k8s:${NAMESPACE_KEY}`]: namespace } };
}

function rulesOf(set: RuleSet, scene: Scene, action: 'allow' | 'deny'): readonly unknown[] {
  return items(get(set.spec, action === 'allow' ? scene.direction : `${scene.direction}Deny`));
}

function isolates(set: RuleSet, scene: Scene): boolean {
  const wish = get(set.spec, 'enableDefaultDeny', scene.direction);
  const rules = [...rulesOf(set, scene, 'allow'), ...rulesOf(set, scene, 'deny')];
  return rules.length > 0 && wish !== false;
}

function portMatches(port: unknown, scene: Scene): Match {
  const { packet } = scene;
  const wanted = str(get(port, 'protocol')) || 'ANY';
  if (packet.port === null || (wanted !== 'ANY' && wanted !== packet.protocol)) return false;
  const text = str(get(port, 'port'));
  if (!/^\d+$/.test(text)) return namedPortMatches(text, packet.protocol, scene, 'containers');
  const first = Number(text);
  const last = Number(get(port, 'endPort') ?? first);
  return (first === 0 && last === 0) || (first <= packet.port && packet.port <= Math.max(first, last));
}

function icmpMatches(field: unknown, packet: Packet): Match {
  if (packet.protocol !== 'ICMP') return false;
  const family = packet.sourceAddress?.family ?? 4;
  const type = Number(get(field, 'type'));
  if ((get(field, 'family') === 'IPv6' ? 6 : 4) !== family) return false;
  // Type 0 is kept as port 0, which is every port.
  if (type === 0) return true;
  return packet.icmpType === undefined ? 'unknown' : type === packet.icmpType;
}

/** CNP-58: a port by its number. */
function isNumber(port: unknown): boolean {
  const text = str(get(port, 'port'));
  return /^\d+$/.test(text) && Number(text) !== 0 && Number(get(port, 'endPort') ?? text) <= Number(text);
}

/** What a port rule lets pass: everything, requests like its own, or, where too little of the request is told, some. */
function requests(portRule: unknown, scene: Scene): Requests {
  const { packet } = scene;
  const questions = items(get(portRule, 'rules', 'dns'));
  if (questions.length > 0) return questionMatches(questions, scene);
  const kafka = items(get(portRule, 'rules', 'kafka'));
  if (kafka.length > 0) return best(kafka.map((rule) => kafkaMatches(rule, packet)));
  const rules = items(get(portRule, 'rules', 'http'));
  if (rules.length === 0) return 'all';
  const request = asHttp(packet);
  if (request === null) return 'none';
  return best(rules.map((rule) => requestMatches(rule, request)));
}

type Requests = 'all' | 'some' | 'none';

const best = (found: readonly Requests[]): Requests =>
  (['all', 'some'] as const).find((one) => found.includes(one)) ?? 'none';

/** CNP-68: what a role stands for. */
const PRODUCER = ['produce', 'metadata', 'apiversions'];
const GROUP_MEMBER = ['findcoordinator', 'joingroup', 'heartbeat', 'leavegroup', 'syncgroup'];
const CONSUMER = ['fetch', 'offsets', 'metadata', 'offsetcommit', 'offsetfetch', 'apiversions', ...GROUP_MEMBER];

/** CNP-68: each field that the rule has is a text, and what is not told may be it. */
function kafkaMatches(rule: unknown, { request }: Packet): Requests {
  if (request === undefined) return 'some';
  if (request.protocol !== 'kafka') return 'none';
  const role = str(get(rule, 'role')).toLowerCase();
  const keys = role === '' ? [str(get(rule, 'apiKey')).toLowerCase()] : role === 'produce' ? PRODUCER : CONSUMER;
  const wanted = (['apiVersion', 'clientID', 'topic'] as const).map(
    (field) => [field, [str(get(rule, field))]] as const,
  );
  const asked = [['apiKey', keys] as const, ...wanted].filter(([, values]) => values.some((value) => value !== ''));
  const told = asked.map(([field, values]): Requests => {
    const value = request.kafka?.[field];
    return value === undefined ? 'some' : values.includes(value) ? 'all' : 'none';
  });
  return told.includes('none') ? 'none' : told.includes('some') ? 'some' : 'all';
}

/** Names that a resolver is asked for. */
function questionMatches(rules: readonly unknown[], { packet, conventions }: Scene): 'all' | 'some' | 'none' {
  const { request } = packet;
  if (request === undefined) return 'some';
  const { protocol, name } = request;
  return protocol === 'dns' && rules.some((rule) => nameMatches(rule, (name ?? '').toLowerCase(), conventions))
    ? 'all'
    : 'none';
}

/** CNP-61: a call of gRPC is a POST of its method's path. Null for what is not HTTP. */
function asHttp({ request = {} }: Packet): Request | null {
  if (request.protocol === 'dns' || request.protocol === 'kafka') return null;
  return request.protocol === 'grpc' ? { method: 'POST', path: `/${request.name ?? ''}` } : request;
}

/** Each field is a pattern for the whole value. */
function requestMatches(rule: unknown, request: Request): 'all' | 'some' | 'none' {
  let open = false;
  for (const part of ['method', 'path', 'host'] as const) {
    const value = request[part];
    if (!has(rule, part)) continue;
    if (value === undefined) open = true;
    else if (!new RegExp(`^(?:${str(get(rule, part))})$`).test(part === 'host' ? value.toLowerCase() : value))
      return 'none';
  }
  return open ? 'some' : 'all';
}

interface Matched {
  readonly match: Match;
  readonly requests: 'all' | 'some' | 'none';
  /** CNP-75: whether it ends what is none of its requests, where nothing isolates too. */
  readonly refuses: boolean;
  /** CNP-58: whether it lifts what DNS rules ask, and whether it is one. */
  readonly lifts: boolean;
  readonly isDns: boolean;
}

function matchedParts(rule: unknown, peer: Match, scene: Scene): readonly Matched[] {
  const plain = { requests: 'all', refuses: false, lifts: false, isDns: false } as const;
  if (has(rule, 'icmps')) {
    const fields = items(get(rule, 'icmps')).flatMap((entry) => items(get(entry, 'fields')));
    return [{ ...plain, match: both(peer, any(fields.map((field) => icmpMatches(field, scene.packet)))) }];
  }
  if (!has(rule, 'toPorts')) return [{ ...plain, match: peer }];
  return items(get(rule, 'toPorts')).flatMap((portRule) =>
    [true, false].map((lifts) => ({
      match: both(
        peer,
        any(
          items(get(portRule, 'ports'))
            .filter((port) => isNumber(port) === lifts)
            .map((port) => portMatches(port, scene)),
        ),
      ),
      requests: requests(portRule, scene),
      refuses: items(get(portRule, 'rules', 'kafka')).length > 0,
      lifts,
      isDns: items(get(portRule, 'rules', 'dns')).length > 0,
    })),
  );
}

const modeRules = (sets: readonly RuleSet[], scene: Scene): readonly { rule: unknown; side: Side }[] =>
  sets.flatMap((set) =>
    rulesOf(set, scene, 'allow')
      .filter((rule) => has(rule, 'authentication'))
      .map((rule) => ({ rule, side: sideOf(set.policy, scene) })),
  );

/** What is asked of the two sides, if of the rules that may be about the packet `supposed` is. */
function demandAmong(sets: readonly RuleSet[], scene: Scene, supposed: unknown): Demand {
  return narrowestDemand(
    modeRules(sets, scene).flatMap(({ rule, side }) => {
      const half = isForAnyPeer(rule, side) ? 0.5 : 0;
      const peer = isPeer(rule, side, 'allow');
      return matchedWidths(rule, scene)
        .map(({ match, width }) => ({ match: both(peer, match), width: width + half, demand: demandOf(rule, scene) }))
        .filter(({ match }) => match === true || (match === 'unknown' && rule === supposed));
    }),
  );
}

/** Each thing that a rule says of protocol and port, with the bits that it leaves open. */
function matchedWidths(rule: unknown, scene: Scene): readonly { readonly match: Match; readonly width: number }[] {
  if (has(rule, 'icmps')) {
    const fields = items(get(rule, 'icmps')).flatMap((entry) => items(get(entry, 'fields')));
    return fields.map((field) => ({
      match: icmpMatches(field, scene.packet),
      width: Number(get(field, 'type')) === 0 ? 16 : 0,
    }));
  }
  if (!has(rule, 'toPorts')) return [{ match: true, width: 24 }];
  const ports = items(get(rule, 'toPorts')).flatMap((portRule) => items(get(portRule, 'ports')));
  return ports.map((port) => ({ match: portMatches(port, scene), width: widthOfPort(port, scene.packet.port ?? 0) }));
}

const BEST_FIRST = ['allow', 'conditional', 'deny'] as const;
type Decided = (typeof BEST_FIRST)[number];

/**
 * One reading of what is open: in favour of the connection, or against it. Of rules with a mode that may be about the
 * packet it is enough to suppose that none is, or one, as the narrowest speaks alone.
 */
function decide(sets: readonly RuleSet[], scene: Scene, favour: boolean): Decided {
  const supposed = [null, ...modeRules(sets, scene).map(({ rule }) => rule)];
  const found = supposed.map((rule) => decideSupposing(rule, sets, scene, favour));
  const order = favour ? BEST_FIRST : BEST_FIRST.toReversed();
  return order.find((one) => found.includes(one)) ?? 'deny';
}

/** The pool stands between the tiers of ClusterNetworkPolicy; default deny comes last. (UP-30, UP-44) */
function decideSupposing(supposed: unknown, sets: readonly RuleSet[], scene: Scene, favour: boolean): Decided {
  const admin = ciliumTierAction('Admin', scene, favour);
  if (admin === 'allow' || admin === 'deny') return admin;
  const pool = decidePool(sets, scene, favour, supposed);
  const demand = demandAmong(sets, scene, supposed);
  if (pool.decided === 'deny' || demand === 'fails') return 'deny';
  const decided = decideUnasked(pool, scene, favour);
  return decided === 'allow' && demand === 'required' ? 'conditional' : decided;
}

/** What comes of those who have authenticated as they are asked to. */
function decideUnasked(pool: Pool, scene: Scene, favour: boolean): Decided {
  if (pool.decided !== null) return pool.decided;
  const baseline = pool.refuses ? 'deny' : ciliumTierAction('Baseline', scene, favour);
  const end = baseline === 'allow' || baseline === 'deny' ? baseline : pool.isolated ? 'deny' : 'allow';
  return end === 'deny' && pool.someRequests ? 'conditional' : end;
}

interface Pool {
  readonly decided: 'allow' | 'deny' | null;
  readonly isolated: boolean;
  /** A rule lets pass requests of which too little is told. */
  readonly someRequests: boolean;
  /** A rule without default deny ends what is none of its requests. */
  readonly refuses: boolean;
}

function decidePool(sets: readonly RuleSet[], scene: Scene, favour: boolean, supposed: unknown = null): Pool {
  const decided = (verdict: 'allow' | 'deny'): Pool => ({
    decided: verdict,
    isolated: false,
    someRequests: false,
    refuses: false,
  });
  const counts = (match: Match, allows: boolean): boolean => (match === 'unknown' ? favour === allows : match);
  for (const set of sets) {
    const side = sideOf(set.policy, scene);
    for (const rule of rulesOf(set, scene, 'deny')) {
      const parts = matchedParts(rule, isPeer(rule, side, 'deny'), scene);
      if (parts.some(({ match }) => counts(match, false))) return decided('deny');
    }
  }
  const prefix = scene.direction === 'ingress' ? 'from' : 'to';
  const requirements = sets.map((set) => ({
    side: sideOf(set.policy, scene),
    wanted: [...rulesOf(set, scene, 'allow'), ...rulesOf(set, scene, 'deny')].flatMap((rule) =>
      items(get(rule, `${prefix}Requires`)),
    ),
  }));
  const required = requirements.every(({ side, wanted }) => meetsRequirements(wanted, side));
  const parts = sets.flatMap((set) =>
    rulesOf(set, scene, 'allow').flatMap((rule) => {
      const peer = isPeer(rule, sideOf(set.policy, scene), 'allow');
      const isEndpoints = items(get(rule, `${prefix}Endpoints`)).length > 0;
      const found = matchedParts(rule, isEndpoints && !required ? false : peer, scene);
      // Of rules with a mode it is supposed of all at once.
      const settled = (match: Match): Match =>
        match === 'unknown' && has(rule, 'authentication') ? rule === supposed : match;
      return found.map((part) => ({
        ...part,
        match: settled(part.match),
        refuses: part.refuses && !isolates(set, scene),
        isDns: part.isDns && isolates(set, scene),
      }));
    }),
  );
  const named = fqdnVerdict(scene);
  const byName = { match: named ?? false, requests: 'all', refuses: false, lifts: true, isDns: false } as const;
  const matched = [...parts, byName].filter(({ match }) => counts(match, true));
  const isPod = isCiliumEndpoint(subjectOf(scene));
  const standard = isPod ? networkPolicyVerdict(scene) : null;
  const asked = scene.conventions.release === '1.19' && parts.some((part) => part.isDns && counts(part.match, false));
  const heeded = matched.filter((part) => part.lifts || !asked);
  if (standard === 'allow' || heeded.some((part) => part.requests === 'all')) return decided('allow');
  const isolated =
    standard === 'deny' || named !== null || scene.conventions.always || sets.some((set) => isolates(set, scene));
  // CNP-75: where nothing isolates, the proxy lets pass what no rule about HTTP or DNS names, too.
  const refuses = asked || parts.some((part) => part.refuses && counts(part.match, false));
  return { decided: null, isolated, someRequests: heeded.some((part) => part.requests === 'some'), refuses };
}

/** CNP-85: any rule for the pod's ingress, whatever it says. */
function hasRuleForIngress(sets: readonly RuleSet[], scene: Scene): boolean {
  const own = sets.some(({ spec }) => ['ingress', 'ingressDeny'].some((list) => items(get(spec, list)).length > 0));
  return own || networkPolicyVerdict(scene) !== null || hasIngressOfTier(scene);
}

/** CNP-88: whether the agent can work out what the subject's policy is, of both directions. */
function isResolved(sets: readonly RuleSet[], scene: Scene): boolean {
  return (['ingress', 'egress'] as const).every((direction) => {
    const there = { ...scene, direction };
    const sides = sets.map((set) => ({ set, side: { ...sideOf(set.policy, scene), scene: there } }));
    return !conflict(sides.flatMap(({ set, side }) => rulesOf(set, there, 'allow').map((rule) => ({ rule, side }))));
  });
}

/** CNP-77: the own node is let in behind all rules, so only one that denies keeps it out. */
export function ciliumOwnNodeVerdict(scene: Scene): 'allow' | 'deny' | 'unknown' {
  const sets = ruleSets(scene).filter((set) => selects(set, subjectOf(scene), scene));
  if (!isResolved(sets, scene)) return 'unknown';
  if (scene.conventions.ownNodeNeedsRule && !hasRuleForIngress(sets, scene)) return 'deny';
  const read = (favour: boolean): 'allow' | 'deny' => {
    const admin = ciliumTierAction('Admin', scene, favour);
    if (admin === 'allow' || admin === 'deny') return admin;
    const { decided } = decidePool(sets, scene, favour);
    return (decided ?? ciliumTierAction('Baseline', scene, favour)) === 'deny' ? 'deny' : 'allow';
  };
  const [worst, best] = [read(false), read(true)];
  return worst === best ? worst : 'unknown';
}

/** The pool of CiliumNetworkPolicy, its cluster-wide kind and NetworkPolicy: denies, then allows, then default deny. */
export function ciliumVerdict(scene: Scene): CiliumVerdict {
  const subject = subjectOf(scene);
  if (subject.type === 'outside') return 'allow';
  const sets = ruleSets(scene).filter((set) => selects(set, subject, scene));
  if (!isResolved(sets, scene)) return 'unknown';
  const [worst, best] = [decide(sets, scene, false), decide(sets, scene, true)];
  // What lets some requests pass at worst accepts the connection.
  if (worst === 'conditional' && best === 'allow') return worst;
  return worst === best ? worst : 'unknown';
}
