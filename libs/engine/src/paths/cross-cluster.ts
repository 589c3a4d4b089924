import { objectLabel } from '../model/index.js';
import type { Labels, Protocol, ServiceFact } from '../model/index.js';
import { formatIp, parseIp } from '../net/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { ask } from '../ask/ask.js';
import type { AnswerVerdict, NotFound } from '../ask/answer.js';
import type { FlowQuestion, PeerQuery } from '../ask/question.js';
import { isGlobal, isShared, staysLocal } from '../ask/global-service.js';
import { translateService } from '../ask/translate-service.js';
import { resolvePeer } from '../ask/resolve-peer.js';
import type { Sees } from '../ask/visibility.js';

/** How a connection between clusters may go. */
export type CrossRouteKind = 'pod-address' | 'node-port' | 'load-balancer' | 'cluster-mesh';

/** What one cluster makes of its half of the way, as it may see the other side. */
export interface CrossLeg {
  /** As what the other side is seen: an address, or a pod with its labels. */
  readonly seenAs: string;
  readonly verdict: AnswerVerdict;
  readonly summary: string;
}

export interface CrossRoute {
  readonly kind: CrossRouteKind;
  /** `10.0.0.7:8080`. */
  readonly target: string;
  readonly verdict: AnswerVerdict;
  /** Egress of the source's cluster. Several where it is not known how it sees the destination. */
  readonly egress: readonly CrossLeg[];
  /** Ingress of the destination's cluster. Several where addresses may be translated on the way. */
  readonly ingress: readonly CrossLeg[];
  /** What leaves a doubt, in words. */
  readonly doubts: readonly string[];
}

export interface CrossClusterAnswer {
  /** `allowed` when some route certainly is, `denied` when none can be. */
  readonly verdict: AnswerVerdict;
  readonly routes: readonly CrossRoute[];
  readonly assumptions: readonly string[];
}

export interface CrossClusterQuestion {
  readonly source: PeerQuery;
  readonly destination: PeerQuery;
  readonly protocol: Protocol;
  readonly port: number;
}

type Found<T> =
  { readonly type: 'found'; readonly answer: T } | { readonly type: 'notFound'; readonly error: NotFound };

/** A cluster of a way, and what of it the caller may see. */
export interface CrossSide {
  readonly snapshot: CompiledSnapshot;
  readonly sees: Sees;
}

/** Can an endpoint of cluster `a` reach one of cluster `b`? Each cluster judges its own half. */
export function crossClusterPath(
  a: CrossSide,
  b: CrossSide,
  question: CrossClusterQuestion,
): Found<CrossClusterAnswer> {
  const source = resolvePeer(a.snapshot, question.source, 'source', a.sees);
  if (source.type === 'notFound') return source;
  const destination = resolvePeer(b.snapshot, question.destination, 'destination', b.sees);
  if (destination.type === 'notFound') return destination;
  const sources = source.type === 'endpoints' ? source.endpoints : [];
  const world = { a, b, question, sources };
  const routes =
    destination.type === 'service'
      ? [...serviceRoutes(world, destination.service), ...globalRoutes(world, destination.service)]
      : [...podRoutes(world, destination.endpoints), ...meshRoutes(world, direct(world, destination.endpoints))];
  return {
    type: 'found',
    answer: {
      verdict: overall(routes),
      routes,
      assumptions: [
        'the networks of the two clusters are joined: what carries packets between them is not in the inventory',
        'replies are admitted, as every listed CNI is stateful',
      ],
    },
  };
}

interface World {
  readonly a: CrossSide;
  readonly b: CrossSide;
  readonly question: CrossClusterQuestion;
  readonly sources: readonly Endpoint[];
}

const OVERLAP = 'the same address belongs to something in the other cluster too, so it does not lead across';
const SNAT =
  'whether the source keeps its address on the way depends on masquerading, which the inventory does not show';

function podRoutes(world: World, destinations: readonly Endpoint[]): CrossRoute[] {
  return firstOf(destinations).map(([endpoint, address]) =>
    route('pod-address', world, address, world.question.port, {
      destination: { type: 'address', address },
      seenFrom: [...addressesOf(world.sources), ...nodeAddresses(world.a, world.sources)],
      owner: endpoint,
    }),
  );
}

function serviceRoutes(world: World, service: ServiceFact): CrossRoute[] {
  const { a, b, question, sources } = world;
  const port = service.ports.find((each) => each.port === question.port && each.protocol === question.protocol);
  const named: PeerQuery = { type: 'service', namespace: service.meta.namespace, name: service.meta.name };
  const own = [...addressesOf(sources), ...nodeAddresses(a, sources)];
  const isLocal = service.externalTrafficPolicy === 'Local';
  // Without `Local` the node that is asked hands on in its own name.
  const seenFrom = isLocal ? own : [...own, ...nodeAddresses(b, b.snapshot.endpoints).slice(0, 2)];
  const routes: CrossRoute[] = [];
  const nodes = nodeAddresses(b, b.snapshot.endpoints).slice(0, 1);
  if (port !== undefined && port.nodePort > 0) {
    for (const address of nodes) {
      routes.push(route('node-port', world, address, port.nodePort, { destination: named, seenFrom, owner: null }));
    }
  }
  for (const address of [...service.loadBalancerIps, ...service.externalIps].slice(0, 2)) {
    routes.push(route('load-balancer', world, address, question.port, { destination: named, seenFrom, owner: null }));
  }
  return routes;
}

interface Half {
  readonly destination: PeerQuery;
  /** The addresses in whose name the source may arrive. */
  readonly seenFrom: readonly string[];
  readonly owner: Endpoint | null;
}

function route(kind: CrossRouteKind, world: World, address: string, port: number, half: Half): CrossRoute {
  const { a, b, question } = world;
  const { protocol } = question;
  const doubts: string[] = [];
  const egress = leg(
    a,
    { source: question.source, destination: { type: 'address', address }, protocol, port },
    address,
  );
  const seen = [...new Set(half.seenFrom)];
  const overlaps = doOverlap(world, address, seen);
  if (overlaps) doubts.push(OVERLAP);
  const ingress = seen.map((from) =>
    leg(
      b,
      { source: { type: 'address', address: from }, destination: half.destination, protocol, port: question.port },
      from,
    ),
  );
  if (seen.length === 0) doubts.push('no address of the source is known');
  const side = agreed(ingress);
  if (side === 'undetermined' && ingress.length > 1) doubts.push(SNAT);
  const verdict = overlaps || seen.length === 0 ? 'undetermined' : joined(egress.verdict, side);
  return {
    kind,
    target: targetText(address, port),
    verdict,
    egress: [egress],
    ingress,
    doubts,
  };
}

const targetText = (address: string, port: number): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;

const WHOSE_PODS =
  'whether rules without io.cilium.k8s.policy.cluster mean pods of other clusters depends on policy-default-local-cluster';

/** Whether the address that is asked for, or one that the source arrives with, belongs to somebody else too. */
function doOverlap({ a, b }: World, address: string, seen: readonly string[]): boolean {
  const ip = parseIp(address);
  return (ip !== null && a.snapshot.directory.owner(ip) !== null) || seen.some((from) => ownedByPod(b, from));
}

/** An end of a way through the mesh: an endpoint, the port there, and how to ask for it in its own cluster. */
interface MeshEnd {
  readonly endpoint: Endpoint;
  readonly port: number;
  readonly named: PeerQuery;
}

const direct = ({ question: { destination, port } }: World, endpoints: readonly Endpoint[]): readonly MeshEnd[] =>
  endpoints.map((endpoint) => ({ endpoint, port, named: destination }));

/**
 * A Service that ClusterMesh makes global leads clients to the endpoints that other clusters share under the same name, by
 * the name of the port; clients that prefer their own cluster only while it has none that is ready.
 */
function globalRoutes(world: World, there: ServiceFact): CrossRoute[] {
  const { a, b, question } = world;
  const { protocol, port } = question;
  const here = a.snapshot.index.services.get(objectLabel(there.meta));
  if (here === undefined || !a.sees(here.meta.namespace)) return [];
  if (!isGlobal(a.snapshot, here) || !isGlobal(b.snapshot, there) || !isShared(there)) return [];
  if (staysLocal(here) && translateService(a.snapshot, here, protocol, port).type === 'backends') return [];
  const asked = here.ports.find((each) => each.port === port && each.protocol === protocol);
  const shared = there.ports.find((each) => each.name === asked?.name && each.protocol === protocol);
  if (shared === undefined) return [];
  const found = translateService(b.snapshot, there, protocol, shared.port);
  if (found.type !== 'backends') return [];
  const ends = found.backends.flatMap(({ endpoint, port: target }): readonly MeshEnd[] => {
    if (endpoint.kind !== 'pod' || target === null) return [];
    const { namespace, name } = endpoint;
    return [{ endpoint, port: target, named: { type: 'pod', namespace, name } }];
  });
  return meshRoutes(world, ends);
}

/** With ClusterMesh identities travel: each side sees the other's pods by their labels, as far as its policies mean them. */
function meshRoutes(world: World, ends: readonly MeshEnd[]): CrossRoute[] {
  const { a, b, question, sources } = world;
  const names = [a, b].map(({ snapshot: { cni } }) =>
    cni.networking === 'cilium' ? cni.options['cluster-name'] : undefined,
  );
  if (names.some((name) => name === undefined || name === 'default') || names[0] === names[1]) return [];
  const { protocol } = question;
  const source = sources.find(({ kind }) => kind === 'pod');
  const reachable = ends.filter(({ endpoint: { ips } }) => ips.length > 0);
  return reachable.slice(0, MOST_TARGETS).flatMap(({ endpoint, port, named }): CrossRoute[] => {
    const [address] = addressesOf([endpoint]);
    if (source === undefined || endpoint.kind !== 'pod' || address === undefined) return [];
    const there: PeerQuery = podLike(endpoint);
    const here: PeerQuery = podLike(source);
    const from = addressesOf([source])[0];
    const egress = [
      leg(
        a,
        { source: question.source, destination: there, protocol, port },
        `a pod with the labels of ${objectLabel(endpoint)}`,
      ),
      leg(a, { source: question.source, destination: { type: 'address', address }, protocol, port }, address),
    ];
    const ingress = [
      leg(b, { source: here, destination: named, protocol, port }, `a pod with the labels of ${objectLabel(source)}`),
      ...(from === undefined
        ? []
        : [leg(b, { source: { type: 'address', address: from }, destination: named, protocol, port }, from)]),
    ];
    const judged = joined(agreed(egress), agreed(ingress));
    const overlaps = doOverlap(world, address, from === undefined ? [] : [from]);
    const verdict = overlaps ? 'undetermined' : judged;
    const doubts = [...(overlaps ? [OVERLAP] : []), ...(judged === 'undetermined' ? [WHOSE_PODS] : [])];
    return [{ kind: 'cluster-mesh', target: targetText(address, port), verdict, egress, ingress, doubts }];
  });
}

function podLike({ namespace, labels, serviceAccount }: Endpoint): PeerQuery {
  const own: Labels = labels;
  return { type: 'hypothetical', namespace, labels: own, serviceAccount };
}

function leg({ snapshot, sees }: CrossSide, question: FlowQuestion, seenAs: string): CrossLeg {
  const result = ask(snapshot, question, sees);
  if (result.type === 'notFound') return { seenAs, verdict: 'undetermined', summary: result.error.message };
  return { seenAs, verdict: result.answer.verdict, summary: result.answer.summary };
}

function agreed(legs: readonly CrossLeg[]): AnswerVerdict {
  const verdicts = new Set(legs.map(({ verdict }) => verdict));
  return verdicts.size === 1 ? ([...verdicts][0] as AnswerVerdict) : 'undetermined';
}

/** A certain deny of either half settles the way. */
function joined(egress: AnswerVerdict, ingress: AnswerVerdict): AnswerVerdict {
  if (egress === 'denied' || ingress === 'denied') return 'denied';
  if (egress === 'undetermined' || ingress === 'undetermined') return 'undetermined';
  return egress === 'mixed' || ingress === 'mixed' ? 'mixed' : 'allowed';
}

function overall(routes: readonly CrossRoute[]): AnswerVerdict {
  if (routes.some(({ verdict }) => verdict === 'allowed')) return 'allowed';
  if (routes.some(({ verdict }) => verdict === 'mixed')) return 'mixed';
  if (routes.length === 0 || routes.some(({ verdict }) => verdict === 'undetermined')) return 'undetermined';
  return 'denied';
}

const MOST_TARGETS = 5;

function firstOf(endpoints: readonly Endpoint[]): (readonly [Endpoint, string])[] {
  return endpoints
    .flatMap((endpoint) =>
      addressesOf([endpoint])
        .slice(0, 1)
        .map((address) => [endpoint, address] as const),
    )
    .slice(0, MOST_TARGETS);
}

function addressesOf(endpoints: readonly Endpoint[]): string[] {
  return endpoints.flatMap(({ ips }) => ips.map(formatIp));
}

function nodeAddresses({ snapshot: { directory } }: CrossSide, endpoints: readonly Endpoint[]): string[] {
  const nodes = new Set(
    endpoints.map(({ kind, name, node }) => (kind === 'node' ? name : node)).filter((name) => name !== ''),
  );
  return [...nodes].flatMap((name) => directory.node(name)?.ips.slice(0, 1).map(formatIp) ?? []);
}

function ownedByPod({ snapshot: { directory } }: CrossSide, address: string): boolean {
  const ip = parseIp(address);
  return ip !== null && directory.owner(ip)?.kind === 'pod';
}
