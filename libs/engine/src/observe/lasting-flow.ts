import { objectLabel } from '../model/index.js';
import type { Endpoint } from '../compile/endpoint.js';
import { addUp, type PlacedFlow, type PlacedPeer, type Sightings } from './place-flow.js';
import { BLANK_PEER, type ObservedFlow, type SeenFlow } from './seen-flow.js';

/** One side of a flow in words that outlast pods and their addresses. */
export interface LastingPeer {
  /** As in a question: the workload where there is one. */
  readonly asked: string;
  /** '' for what has none. */
  readonly namespace: string;
  readonly hostNames: readonly string[];
}

/** Flows between the same two peers that came to the same, as they can be kept. */
export interface LastingFlow extends Sightings {
  readonly source: LastingPeer;
  readonly destination: LastingPeer;
}

/** What of some flows can be kept. */
export interface Lasting {
  readonly flows: readonly LastingFlow[];
  /** Flows of which a peer was not found, or is more than one workload. */
  readonly refused: number;
  /** Those peers, each once. */
  readonly unnamed: readonly string[];
}

/** Flows as they can be kept, added up. */
export function lastingFlows(placed: readonly PlacedFlow[]): Lasting {
  const out = new Map<string, LastingFlow>();
  const unnamed = new Set<string>();
  let refused = 0;
  for (const { source, destination, sourceName, destinationName, ...sightings } of placed) {
    const [from, to] = [lastingPeer(source), lastingPeer(destination)];
    if (from === null) unnamed.add(sourceName);
    if (to === null) unnamed.add(destinationName);
    if (from === null || to === null) {
      refused++;
      continue;
    }
    const flow: LastingFlow = { ...sightings, source: from, destination: to };
    const key = lastingKey(flow);
    const earlier = out.get(key);
    out.set(key, earlier === undefined ? flow : addUp(earlier, flow));
  }
  return { flows: [...out.values()], refused, unnamed: [...unnamed] };
}

/** Equal for flows that are one. */
export function lastingKey(
  flow: Pick<LastingFlow, 'source' | 'destination' | 'protocol' | 'port' | 'verdict'>,
): string {
  const { source, destination, protocol, port, verdict } = flow;
  return JSON.stringify([source.asked, destination.asked, protocol, port, verdict]);
}

/** A kept flow as if it were seen now. */
export function seenAgain({ source, destination, arrived, reasons, ...flow }: LastingFlow): SeenFlow {
  const peer = ({ asked, hostNames }: LastingPeer) => ({ ...BLANK_PEER, asked, hostNames });
  return {
    ...flow,
    source: peer(source),
    destination: peer(destination),
    direction: arrived ? null : 'egress',
    reason: reasons.join(', '),
  };
}

/** A kept flow as a question names its peers. */
export function asObserved({ source, destination, protocol, port }: LastingFlow): ObservedFlow {
  return { src: source.asked, dst: destination.asked, protocol, port };
}

function lastingPeer(peer: PlacedPeer | null): LastingPeer | null {
  if (peer === null) return null;
  const { query, resolved, hostNames } = peer;
  if (resolved.type === 'service') {
    const { meta } = resolved.service;
    return { asked: `service:${objectLabel(meta)}`, namespace: meta.namespace, hostNames };
  }
  const [first] = resolved.endpoints;
  if (first === undefined) return null;
  if (first.kind === 'node') return { asked: `node:${first.name}`, namespace: '', hostNames };
  if (first.kind === 'external') {
    const asked = outsideText(query);
    return asked === null ? null : { asked, namespace: '', hostNames };
  }
  if (first.hypothetical && first.workload === null) return null;
  const [asked = '', ...others] = new Set(resolved.endpoints.map(podText));
  return others.length > 0 ? null : { asked, namespace: first.namespace, hostNames };
}

function podText({ namespace, name, workload }: Endpoint): string {
  return workload === null ? `pod:${namespace}/${name}` : `workload:${namespace}/${workload.name}`;
}

function outsideText(query: PlacedPeer['query']): string | null {
  if (query.type === 'address') return `ip:${query.address}`;
  if (query.type === 'block') return query.cidr;
  return query.type === 'hostName' ? `host:${query.name}` : null;
}
