import { groupBy } from '../base/index.js';
import { ENGINE_SEPARATOR } from '../cni/index.js';
import { hasPorts, protocolName } from '../model/index.js';
import type { ServiceFact } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import { isHost } from '../compile/endpoint.js';
import type { Endpoint } from '../compile/endpoint.js';
import type { Flow } from '../eval/flow.js';
import { parseIp } from '../net/index.js';
import { portAtoms } from '../reach/connections-between.js';
import type { NotFound } from './answer.js';
import { areaOfClient, servingArea } from './backend.js';
import type { Area, Backend } from './backend.js';
import { leadToMachines } from './chosen-machines.js';
import { groupEndpoints } from './endpoint-groups.js';
import type { EndpointGroup, Grain } from './endpoint-groups.js';
import { isGlobal, staysLocal } from './global-service.js';
import type { FlowQuestion } from './question.js';
import { redirectedAddress, redirectName, redirectText } from './local-redirect.js';
import { isOfClusterSet, OF_CLUSTER_SET, openness } from './open-service.js';
import { leftFor } from './redirected-backends.js';
import { leadByRegistry } from './registered-name.js';
import { resolvePeer } from './resolve-peer.js';
import type { ResolvedPeer } from './resolve-peer.js';
import { peerMembers } from './service-members.js';
import { flowThrough, routeFamilies, routeThrough } from './service-route.js';
import type { ServiceRoute } from './service-route.js';
import { behindAlias, keepsToNode, serviceBehind, translateService } from './translate-service.js';
import type { Sees } from './visibility.js';

/** A destination endpoint with the port there; null means any port of the protocol. */
type Target = Pick<Backend, 'endpoint' | 'port' | 'families' | 'servicePort' | 'areas'>;

export interface Targets {
  readonly label: string;
  readonly targets: readonly Target[];
  readonly translation: string;
  readonly assumptions: readonly string[];
  /** Why endpoints that are not known here may be reached, where none is that is known. */
  readonly beyond?: string;
  readonly route: ServiceRoute;
  /** Where clients are that are led alike; absent where all are. */
  readonly areaOf?: (client: Endpoint) => Area;
}

/** No Service is on the way. */
const DIRECT: ServiceRoute = { replacesClients: false, keepsToNode: false };

/** A question of which both sides are found. */
export interface ResolvedQuestion {
  readonly type: 'resolved';
  readonly question: FlowQuestion;
  readonly source: ResolvedPeer;
  readonly destination: ResolvedPeer;
  readonly sources: readonly Endpoint[];
  readonly targets: Targets;
}

/** Finds both sides of a question. What lies in a namespace that the caller does not see is not found. */
export function resolveQuestion(
  snapshot: CompiledSnapshot,
  question: FlowQuestion,
  sees: Sees,
): ResolvedQuestion | { readonly type: 'notFound'; readonly error: NotFound } {
  const source = resolvePeer(snapshot, question.source, 'source', sees);
  if (source.type === 'notFound') return source;
  const destination = resolvePeer(snapshot, question.destination, 'destination', sees);
  if (destination.type === 'notFound') return destination;
  const targets = findTargets(snapshot, destination, question, sees);
  if ('error' in targets) return { type: 'notFound', error: targets.error };
  const sources = peerMembers(snapshot, source, 'source', sees);
  if ('error' in sources) return { type: 'notFound', error: sources.error };
  const led = leadByRegistry(snapshot, targets.targets[0]?.endpoint.hostName ?? '', sources.members, sees);
  const found = led === null ? targets : { ...targets, targets: [], translation: targets.label, beyond: led };
  const whole = withMachines(snapshot, found, destination, question, sources.members);
  return { type: 'resolved', question, source, destination, sources: sources.members, targets: whole };
}

/** The same, with what a Service leads members of the mesh to beside its pods, which are not judged with these. */
function withMachines(
  snapshot: CompiledSnapshot,
  found: Targets,
  destination: ResolvedPeer,
  { protocol }: FlowQuestion,
  sources: readonly Endpoint[],
): Targets {
  const service = destination.type === 'service' ? behindAlias(snapshot, destination.service) : null;
  const machines = service === null ? null : leadToMachines(snapshot, service, protocol, sources);
  if (machines === null || found.beyond !== undefined) return found;
  if (found.targets.length === 0) return { ...found, beyond: machines };
  return { ...found, assumptions: [...found.assumptions, machines] };
}

function findTargets(
  snapshot: CompiledSnapshot,
  destination: ResolvedPeer,
  question: FlowQuestion,
  sees: Sees,
): Targets | { readonly error: NotFound } {
  const { protocol, port } = question;
  if (destination.type === 'endpoints')
    return redirectedTargets(snapshot, endpointTargets(destination, question), question);
  const { label, service: named } = destination;
  const service = serviceBehind(snapshot, named, sees);
  if ('error' in service) return service;
  const translated = translateService(snapshot, named, protocol, port);
  const route = routeThrough(service, protocol, port);
  if (translated.type === 'noPort') {
    const near = translated.ports;
    const message = `${translated.why}; it has ${near.length === 0 ? 'no ports of this protocol' : near.join(', ')}`;
    return { error: { code: 'SERVICE_PORT_UNKNOWN', side: 'destination', message, near } };
  }
  const open = openness(snapshot, service, protocol, port, translated);
  if (open !== null) {
    const { by, why: beyond } = open;
    const translation = by === null ? translated.why : `${label} has the address that ${redirectName(by)} names`;
    return { label, targets: [], translation, assumptions: [], route, beyond };
  }
  if (translated.type === 'noEndpoints')
    return { label, targets: [], translation: translated.why, assumptions: [], route };
  return {
    label,
    targets: translated.backends,
    translation: translated.why,
    assumptions: assumptionsOf(snapshot, service),
    route,
    ...(translated.areaOf === undefined ? {} : { areaOf: translated.areaOf }),
  };
}

/** The same, after policies that redirect clients of an address that is no Service's to pods on their own node. */
function redirectedTargets(
  snapshot: CompiledSnapshot,
  found: Targets | { readonly error: NotFound },
  { destination, protocol, port }: FlowQuestion,
): Targets | { readonly error: NotFound } {
  if ('error' in found || destination.type !== 'address' || typeof port !== 'number') return found;
  const address = parseIp(destination.address);
  const redirected = address === null ? null : redirectedAddress(snapshot, address, protocol, port);
  if (address === null || redirected === null) return found;
  const there = redirected.pods.map((pod): Target => ({ families: [address.family], ...pod }));
  return {
    ...found,
    targets: [...leftFor(redirected.others, found.targets), ...there],
    translation: redirectText(redirected.by),
    areaOf: areaOfClient(new Set(redirected.spared)),
  };
}

function assumptionsOf(snapshot: CompiledSnapshot, service: ServiceFact): readonly string[] {
  return [
    'policy sees the backend of a Service and its port, after address translation',
    ...(judgesTheService(snapshot, service) ? [BY_THE_SERVICE] : []),
    ...(mayLeadAway(snapshot, service) ? [ELSEWHERE] : []),
    ...(keepsToNode(service) ? [ON_THE_NODE] : []),
  ];
}

/** Whether the way out of a pod is judged before translation, which verdicts leave out. (SVC-26) */
function judgesTheService({ cni }: CompiledSnapshot, { clusterIps, headless }: ServiceFact): boolean {
  const engines = cni.policyEngine.split(ENGINE_SEPARATOR);
  return !headless && clusterIps.length > 0 && engines.some((id) => JUDGES_BEFORE.has(id));
}

const JUDGES_BEFORE: ReadonlySet<string> = new Set(['aws-vpc-cni', 'eks-auto']);

const BY_THE_SERVICE =
  'but for egress, which Amazon VPC CNI judges at the address and port of the Service: selectors admit it where that of the Service satisfies them and a port of it leads to theirs, blocks where they have its address, and a rule for everyone by the port of the Service';

const ON_THE_NODE =
  'internalTrafficPolicy is Local: clients inside reach the endpoints of their own node alone, and who has no known node is taken to be on it';

const ELSEWHERE =
  'the endpoints of this cluster answer: the Service is global, and what others have of it is not judged here';

function mayLeadAway(snapshot: CompiledSnapshot, service: ServiceFact): boolean {
  return isGlobal(snapshot, service) && !staysLocal(service);
}

function endpointTargets(
  destination: Extract<ResolvedPeer, { type: 'endpoints' }>,
  question: FlowQuestion,
): Targets | { readonly error: NotFound } {
  const { label, endpoints } = destination;
  const { protocol, port } = question;
  if (endpoints.some(({ hostName }) => isOfClusterSet(hostName))) {
    const translation = `${label} is a name of a set of clusters`;
    return { label, targets: [], translation, assumptions: [], route: DIRECT, beyond: OF_CLUSTER_SET };
  }
  const whole = { label, translation: '', assumptions: [], route: DIRECT };
  if (typeof port !== 'string') return { targets: endpoints.map((endpoint) => ({ endpoint, port })), ...whole };
  const targets = endpoints.flatMap((endpoint) =>
    servedPorts(endpoint)
      .filter((entry) => entry.name === port && entry.protocol === protocol)
      .map((entry) => ({ endpoint, port: entry.port })),
  );
  if (targets.length > 0) return { targets, ...whole };
  const near = [...new Set(endpoints.flatMap((endpoint) => servedPorts(endpoint).map((entry) => entry.name)))].filter(
    Boolean,
  );
  const message = `${label} has no ${protocolName(protocol)} port named \`${port}\``;
  return { error: { code: 'NAMED_PORT_UNRESOLVED', side: 'destination', message, near } };
}

/** Not those of init containers that are over when the pod serves. */
const servedPorts = ({ ports }: Endpoint): Endpoint['ports'] => ports.filter(({ init }) => !init);

/** Two groups of endpoints, the pair that speaks for them, and the flows of it that a question is about. */
export interface AskedPair {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly port: number | null;
  /** In which the destination is sent to; absent for all that it speaks. */
  readonly families: Target['families'];
  /** The groups. */
  readonly sources: readonly Endpoint[];
  readonly destinations: readonly Endpoint[];
  /** How many pairs it speaks for. */
  readonly count: number;
  /** Why the one cannot reach the other, whatever policy says; null where it can. */
  readonly stranded: string | null;
  /** Each with the ports, from `low` to `high`, that it speaks for. Empty where the two share no address family. */
  readonly flows: readonly { readonly flow: Flow; readonly low: number | null; readonly high: number | null }[];
}

/** Pairs of groups that are told by workload; of more than these, workloads that no policy tells apart are one group. */
const PAIRS_BY_WORKLOAD = 100;

/**
 * The pairs of groups that a question is about. Where nodes matter (host traffic, nodes without an agent) groups have one
 * member each. A pod asked about itself is judged as itself; inside a larger group the pair is of two different pods.
 */
export function askedPairs(snapshot: CompiledSnapshot, resolved: ResolvedQuestion): AskedPair[] {
  const alone = onePair(snapshot, resolved);
  if (alone !== null) return [alone];
  const byWorkload = groupPairs(snapshot, resolved, 'workloads');
  const pairs = byWorkload.length > PAIRS_BY_WORKLOAD ? groupPairs(snapshot, resolved, 'classes') : byWorkload;
  const { question, targets, destination } = resolved;
  return pairs
    .flatMap((pair) => speakingPairs(pair, destination.type === 'service'))
    .map((pair) => ({ flows: pair.stranded === null ? askedFlows(snapshot, pair, question, targets) : [], ...pair }));
}

/** Two endpoints, as most questions are about, need no groups. */
function onePair(snapshot: CompiledSnapshot, resolved: ResolvedQuestion): AskedPair | null {
  const { sources, targets: all, destination, question } = resolved;
  const { targets } = all;
  if (sources.length !== 1 || targets.length !== 1 || destination.type === 'service') return null;
  const [from] = sources as [Endpoint];
  const [target] = targets as [Target];
  if (target.areas !== undefined) return null;
  const { endpoint: to, port, families } = target;
  const flows = askedFlows(snapshot, { from, to, port, families }, question, all);
  return { from, to, port, families, sources, destinations: [to], count: 1, stranded: null, flows };
}

/** Two groups that meet at a port. */
interface GroupPair {
  readonly source: EndpointGroup;
  readonly destination: EndpointGroup;
  readonly port: number | null;
  readonly families: Target['families'];
  readonly stranded: string | null;
}

type SpeakingPair = Omit<AskedPair, 'flows'>;

/** The pairs that speak for two groups. A Service may lead a client to itself: that is told apart from the others. */
function speakingPairs(
  { source, destination, port, families, stranded }: GroupPair,
  byService: boolean,
): readonly SpeakingPair[] {
  const here = new Set(source.members);
  const inBoth = destination.members.filter((member) => here.has(member));
  const all = source.members.length * destination.members.length;
  const [from, to] = speakers(source, destination);
  const [self] = inBoth;
  const groups = { port, families, stranded, sources: source.members, destinations: destination.members };
  if (self === undefined || all === inBoth.length) return [{ from, to, ...groups, count: all }];
  const others = { from, to, ...groups, count: all - inBoth.length };
  return byService ? [others, { from: self, to: self, ...groups, count: inBoth.length }] : [others];
}

/** One of each group, two different ones wherever there are two. */
function speakers(source: EndpointGroup, destination: EndpointGroup): readonly [Endpoint, Endpoint] {
  const from = source.members[0] as Endpoint;
  const to = destination.members.find((member) => member !== from);
  if (to !== undefined) return [from, to];
  return [source.members.find((member) => member !== from) ?? from, from];
}

function groupPairs(
  snapshot: CompiledSnapshot,
  { sources, targets, destination }: ResolvedQuestion,
  grain: Grain,
): GroupPair[] {
  const all = meetings(sources, targets);
  const met = destination.type === 'service' ? all.flatMap((meeting) => byFamily(meeting, targets.route)) : all;
  return met.flatMap((meeting) => {
    const isHostThere = meeting.targets.some(({ endpoint }) => isHost(endpoint));
    const sourceGroups = groupEndpoints(snapshot, meeting.sources, isHostThere, grain);
    const byNode = nodeMatters(meeting.sources, targets);
    const alike = groupBy(meeting.targets, ({ port, families }) => `${port ?? ''} ${families?.join() ?? ''}`);
    return [...alike.values()].flatMap((there) => {
      const { port, families } = there[0] as Target;
      const endpoints = there.map((target) => target.endpoint);
      return groupEndpoints(snapshot, endpoints, byNode, grain).flatMap((destination) =>
        sourceGroups.map((source) => ({ source, destination, port, families, stranded: meeting.stranded })),
      );
    });
  });
}

/** A host may be that of a destination, and of clients that enter at any node only that of the destination may see them. */
function nodeMatters(sources: readonly Endpoint[], { route }: Targets): boolean {
  return sources.some((source) => isHost(source) || (route.replacesClients && source.kind === 'external'));
}

interface Meeting {
  readonly sources: readonly Endpoint[];
  readonly targets: readonly Target[];
  readonly stranded: string | null;
}

/** Which sources are sent to which targets: to all of them, unless that depends on their nodes. */
function meetings(sources: readonly Endpoint[], { targets, route, areaOf }: Targets): readonly Meeting[] {
  if (areaOf === undefined) return [{ sources, targets, stranded: null }];
  return [...groupBy(sources, areaOf)].map(([area, here]): Meeting => {
    // Clients from outside have no node.
    if (area === '') return { sources: here, targets, stranded: null };
    const near = servingArea(targets, area);
    if (near.length > 0) return { sources: here, targets: near, stranded: null };
    const local = route.keepsToNode ? ', and its internalTrafficPolicy is Local' : '';
    const why = `no endpoint of ${route.service ?? 'the Service'} is ready on node ${area.trim()}${local}`;
    return { sources: here, targets: targets.slice(0, 1), stranded: why };
  });
}

/**
 * A client is sent to none that lacks the family of its connection, as long as the port leads to others. Where it leads to
 * no other, the families are why it reaches nobody.
 */
function byFamily({ sources, targets, stranded }: Meeting, route: ServiceRoute): readonly Meeting[] {
  if (stranded !== null) return [{ sources, targets, stranded }];
  const byPort = [...groupBy(targets, ({ servicePort }) => String(servicePort)).values()];
  return [...groupBy(sources, familiesText).values()].map((alike) => {
    const [client] = alike as [Endpoint];
    const meets = ({ endpoint, families }: Target): boolean =>
      routeFamilies(route, client, endpoint, families).length > 0;
    const used = byPort.flatMap((some) => (some.some(meets) ? some.filter(meets) : some));
    return { sources: alike, targets: used, stranded };
  });
}

const familiesText = ({ ips }: Endpoint): string => [...new Set(ips.map(({ family }) => family))].sort().join();

function askedFlows(
  snapshot: CompiledSnapshot,
  { from, to, port, families }: Pick<SpeakingPair, 'from' | 'to' | 'port' | 'families'>,
  question: FlowQuestion,
  { route }: Targets,
): AskedPair['flows'] {
  const { protocol, sourcePort, icmp, l7 } = question;
  const isBare = route === DIRECT && sourcePort === undefined && icmp === undefined && l7 === undefined;
  const pieces =
    port === null && hasPorts(protocol)
      ? portAtoms([snapshot.intended, snapshot.enforced], from, to, protocol)
      : [[port, port] as const];
  return routeFamilies(route, from, to, families).flatMap((family) =>
    pieces.map(([low, high]) => {
      const flow = { protocol, port: hasPorts(protocol) ? low : null, family };
      if (isBare) return { low, high, flow };
      return {
        low,
        high,
        flow: {
          ...flow,
          ...(sourcePort === undefined ? {} : { sourcePort }),
          ...(icmp === undefined ? {} : { icmp }),
          ...(l7 === undefined ? {} : { l7 }),
          ...flowThrough(route, from, to, low, family),
        },
      };
    }),
  );
}
