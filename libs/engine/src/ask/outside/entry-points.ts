import { combineVerdicts, protocolName } from '../../model/index.js';
import type { ObjectRef, Verdict } from '../../model/index.js';
import { contains, firstIn, parseCidr, parseIp } from '../../net/index.js';
import type { Ip } from '../../net/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import { SOME_POD } from '../../compile/endpoint.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { externalEndpoint } from '../../compile/endpoint-directory.js';
import type { Backend } from '../backend.js';
import { pairFamilies, pairVerdict } from '../../eval/evaluate-pair.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import type { Flow } from '../../eval/flow.js';
import { landmarksOf } from '../../reach/blast/landmarks.js';
import { listPeerOf, peerLabel } from '../../reach/list/list-peers.js';
import type { AnswerVerdict } from '../answer.js';
import { verdictsByNode } from '../replaced-client.js';
import { overallVerdict, VERDICT_WORDS } from '../verdict-of.js';
import { SEES_ALL, type Sees } from '../visibility.js';
import { entryObjects } from './entry-objects.js';
import { CILIUM_ENVOY, proxiesOf } from './proxies.js';
import type { Arrival, EntryObject, EntryVia } from './entry-objects.js';

export type { EntryVia } from './entry-objects.js';

/** One way in from outside, and what policy at the backends makes of it. */
export interface EntryPoint {
  readonly via: EntryVia;
  readonly object: ObjectRef;
  readonly pointer: string;
  readonly listens: string;
  readonly protocol: string;
  /** Where it listens; null when the object does not say. */
  readonly port: number | null;
  /** `namespace/name`, '' when no Service is in between. */
  readonly service: string;
  /** Backends after translation, as `shop/web-1:8080`. */
  readonly backends: readonly string[];
  readonly seenAs: EntryObject['seenAs'];
  /** `mixed`: it depends on the client, the node or the backend. */
  readonly verdict: AnswerVerdict;
  /** One line. */
  readonly why: string;
}

export interface EntryQuestion {
  readonly reading: ReadingName;
  /** Only what leads to one of these; null for all. */
  readonly to: ReadonlySet<Endpoint> | null;
  /** The client's address; null for any address of the internet. */
  readonly client: string | null;
}

/** Which paths lead in from outside, by which object, after translation and external traffic policy. */
export function entryPoints(
  snapshot: CompiledSnapshot,
  question: EntryQuestion,
  sees: Sees = SEES_ALL,
): readonly EntryPoint[] {
  const clients = clientsOf(snapshot, question);
  return entryObjects(snapshot)
    .filter(({ object, backends }) => {
      if (!sees(object.namespace)) return false;
      return question.to === null || backends.some(({ endpoint }) => question.to?.has(endpoint));
    })
    .map((entry) => entryPoint(snapshot, entry, clients, question));
}

function clientsOf(snapshot: CompiledSnapshot, { client, reading }: EntryQuestion): readonly Endpoint[] {
  const ip = client === null ? null : parseIp(client);
  if (ip !== null) return [externalEndpoint(ip)];
  const internet = landmarksOf(snapshot, reading).filter(({ name }) => name === 'internet');
  return [...new Set(internet.map(({ endpoint }) => endpoint))];
}

function entryPoint(
  snapshot: CompiledSnapshot,
  entry: EntryObject,
  clients: readonly Endpoint[],
  question: EntryQuestion,
): EntryPoint {
  const { via, object, pointer, listens, port, service, seenAs, backends } = entry;
  const told = { via, object, pointer, listens, port, service, seenAs };
  const shared = { ...told, protocol: protocolName(entry.protocol), backends: backends.map(backendText) };
  if (entry.refused !== null) return { ...shared, ...entry.refused };
  if (backends.length === 0) return { ...shared, verdict: 'denied', why: 'it leads to no ready endpoint' };
  const admitted = admittedBy(entry, clients, question.client !== null);
  if (admitted.length === 0) {
    return { ...shared, verdict: 'denied', why: `it takes clients of ${entry.clients.join(', ')} only` };
  }
  const { senders, who } = sendersOf(snapshot, entry, admitted);
  if (senders.length === 0) {
    return {
      ...shared,
      verdict: 'undetermined',
      why: `${who} are not in the snapshot, so it is not known what policy sees`,
    };
  }
  const behind = senders.flatMap((sender) =>
    backends.flatMap((backend) => verdictsOf(snapshot, sender, backend, entry, question.reading)),
  );
  const before = verdictsAtEnvoy(snapshot, entry, admitted, question.reading);
  const verdicts = before.flatMap((first) => behind.map((then) => combineVerdicts([first, then])));
  if (verdicts.length === 0) return { ...shared, verdict: 'denied', why: 'it shares no address family with a client' };
  const verdict = overallVerdict(new Set(verdicts.map((each) => VERDICT_WORDS[each])));
  if (before.every((each) => each === 'deny')) {
    return { ...shared, verdict, why: `policy at ${CILIUM_ENVOY.name} refuses the client` };
  }
  const allowed = verdicts.filter((each) => each === 'allow').length;
  return {
    ...shared,
    verdict,
    why: `policy at the backend sees ${who}${partText(entry, allowed, verdicts.length, verdict)}`,
  };
}

/**
 * What policy that selects the Envoy of Cilium makes of each client at each port, before the backend is asked; what no
 * policy selects lets everybody through. (CNP-79)
 */
function verdictsAtEnvoy(
  snapshot: CompiledSnapshot,
  { servedBy, protocol, ports }: EntryObject,
  clients: readonly Endpoint[],
  reading: ReadingName,
): readonly Verdict[] {
  if (servedBy !== CILIUM_ENVOY) return ['allow'];
  return clients.flatMap((client) =>
    pairFamilies(client, CILIUM_ENVOY).flatMap((family) =>
      ports.map((port) => pairVerdict(snapshot[reading], client, CILIUM_ENVOY, { protocol, port, family })),
    ),
  );
}

/** The clients that an entry takes: one that was named, or of those that it lists itself the first of each range. */
function admittedBy(
  { clients: ranges }: EntryObject,
  clients: readonly Endpoint[],
  isNamed: boolean,
): readonly Endpoint[] {
  if (ranges.length === 0) return clients;
  const blocks = ranges.map(parseCidr).filter((block) => block !== null);
  if (isNamed) return clients.filter(({ ips }) => ips.some((ip) => blocks.some((block) => contains(block, ip))));
  return blocks.map(({ family, from }) => externalEndpoint({ family, value: from }));
}

function partText({ servedBy }: EntryObject, allowed: number, all: number, verdict: AnswerVerdict): string {
  const what = servedBy === CILIUM_ENVOY ? 'client, port and backend' : 'sender and backend';
  return verdict === 'mixed' ? `: ${allowed} of ${all} combinations of ${what} pass` : '';
}

function backendText({ endpoint, port }: Backend): string {
  const label = peerLabel(listPeerOf(endpoint, 'pod'));
  return port === null ? label : `${label}:${port}`;
}

const SEEN_BY_NODE =
  "the client's address where it enters at the backend's node, else that of another node, as externalTrafficPolicy is Cluster";

/** Whom the backend's policy sees. */
function sendersOf(
  snapshot: CompiledSnapshot,
  entry: EntryObject,
  clients: readonly Endpoint[],
): { readonly senders: readonly Endpoint[]; readonly who: string } {
  if (entry.seenAs === 'client') return { senders: clients, who: "the client's address" };
  if (entry.seenAs === 'node') {
    if (snapshot.directory.nodes().length === 0) return { senders: [], who: 'nodes' };
    return { senders: clients, who: SEEN_BY_NODE };
  }
  const proxies = proxiesOf(snapshot, entry);
  if (proxies.length > 0) {
    const names = [...new Set(proxies.map((proxy) => peerLabel(listPeerOf(proxy, 'workload'))))];
    return { senders: proxies, who: names.join(', ') };
  }
  return { senders: [SOME_POD], who: 'a controller that is not known, which may be any pod of any namespace' };
}

/** One verdict for each family in which the two meet (SVC-13), and for each node where the client may enter. */
function verdictsOf(
  snapshot: CompiledSnapshot,
  sender: Endpoint,
  backend: Backend,
  { arrivals, protocol, service, seenAs, families }: EntryObject,
  reading: ReadingName,
): readonly Verdict[] {
  const { endpoint, servicePort } = backend;
  const through =
    seenAs === 'proxy' || service === '' ? {} : { service, ...(servicePort !== undefined && { servicePort }) };
  const meets = (family: Flow['family']): boolean =>
    family === null || (families?.has(family) !== false && backend.families?.includes(family) !== false);
  return pairFamilies(sender, endpoint)
    .filter(meets)
    .flatMap((family) => {
      const flow = { protocol, port: backend.port ?? 1, family, ...through };
      const at = (node: Ip): Pick<Flow, 'entered'> => enteredAt(arrivals, node, flow, firstIn(family, endpoint.ips));
      if (seenAs === 'node')
        return verdictsByNode(snapshot, sender, endpoint, flow, reading, at).map(({ verdict }) => verdict);
      const node = firstIn(family, snapshot.directory.node(endpoint.node)?.ips ?? []);
      return [pairVerdict(snapshot[reading], sender, endpoint, { ...flow, ...(node === undefined ? {} : at(node)) })];
    });
}

function enteredAt(
  arrivals: readonly Arrival[],
  node: Ip,
  { port, family }: { readonly port: number; readonly family: Flow['family'] },
  backend: Ip | undefined,
): Pick<Flow, 'entered'> {
  const entered = arrivals.flatMap((arrival) => {
    if (arrival.at === 'node') return [{ ip: node, port: arrival.port }];
    if (arrival.at === 'backend') return backend === undefined ? [] : [{ ip: backend, port }];
    return firstIn(family, [arrival.ip]) === undefined ? [] : [{ ip: arrival.ip, port: arrival.port }];
  });
  return entered.length === 0 ? {} : { entered };
}
