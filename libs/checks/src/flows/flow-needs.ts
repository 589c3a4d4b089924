import { protocolName, stableLabels } from '#engine';
import type { Direction, Endpoint, Labels, PlacedFlow, PlacedPeer } from '#engine';

import { apiServer } from '../context/api-server.js';
import type { AuditContext } from '../context/audit-context.js';
import { seenPairs } from '../context/seen-pair.js';
import { workloadRef } from '../context/workload-view.js';
import { peerOf, type SketchPeer, type SketchPort } from '../fix/policy-sketch.js';

/** What a workload was seen to need from one peer in one direction. */
export interface Need {
  readonly direction: Direction;
  readonly peer: SketchPeer;
  /** Port by protocol, in the order in which they were met. */
  readonly ports: Map<string, SketchPort>;
  count: number;
}

/** A workload with what it was seen to need. */
export interface WorkloadNeeds {
  readonly namespace: string;
  readonly name: string;
  readonly label: string;
  /** What its pods have in common for good. */
  readonly labels: Labels;
  readonly pods: readonly Endpoint[];
  readonly needs: Map<string, Need>;
}

/** Groups flows by the workloads on both their sides that policy can select, in order of name. */
export function needsOf(context: AuditContext, flows: readonly PlacedFlow[]): readonly WorkloadNeeds[] {
  const found = new Map<string, WorkloadNeeds>();
  const peers = new PeerNames(context);
  for (const flow of flows) {
    for (const { source, destination, port } of seenPairs(context.snapshot, flow)) {
      const service = { protocol: protocolName(flow.protocol), port };
      const told = [
        [source, destination, 'egress', flow.destination],
        [destination, source, 'ingress', flow.source],
      ] as const;
      for (const [subject, other, direction, placed] of told) {
        if (subject.kind !== 'pod' || subject === other) continue;
        const workload = peers.workload(subject);
        const known = found.get(workload.label) ?? { ...workload, needs: new Map<string, Need>() };
        found.set(workload.label, known);
        for (const peer of peers.of(other, placed)) addNeed(known, direction, peer, service, flow.count);
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.label < b.label ? -1 : 1));
}

function addNeed(
  { needs }: WorkloadNeeds,
  direction: Direction,
  peer: SketchPeer,
  port: SketchPort,
  count: number,
): void {
  const key = `${direction} ${JSON.stringify(peer)}`;
  const need = needs.get(key) ?? { direction, peer, ports: new Map<string, SketchPort>(), count: 0 };
  needs.set(key, need);
  need.ports.set(`${port.protocol} ${port.port ?? ''}`, port);
  need.count += count;
}

/** Says who an endpoint is in the words of a rule, the same for every pod of a workload. */
class PeerNames {
  readonly #workloads = new Map<string, Omit<WorkloadNeeds, 'needs'>>();
  readonly #apiServer: ReadonlySet<string>;

  constructor(readonly context: AuditContext) {
    const server = apiServer(context);
    this.#apiServer = new Set(server?.addresses.map(({ value }) => String(value)));
  }

  workload(endpoint: Endpoint): Omit<WorkloadNeeds, 'needs'> {
    const { kind, namespace, name } = workloadRef(endpoint);
    const label = `${namespace}/${name} (${kind})`;
    let known = this.#workloads.get(label);
    if (known === undefined) {
      const pods =
        endpoint.workload === null ? [endpoint] : this.context.snapshot.directory.workload(namespace, kind, name);
      known = { namespace, name, label, labels: commonLabels(pods), pods };
      this.#workloads.set(label, known);
    }
    return known;
  }

  of(endpoint: Endpoint, placed: PlacedPeer | null): readonly SketchPeer[] {
    if (endpoint.kind === 'pod') return [peerOf(endpoint, this.workload(endpoint).labels)];
    const peer = peerOf(endpoint);
    const cidrs = 'cidrs' in peer ? peer.cidrs : peer.type === 'block' ? [peer.cidr] : [];
    if (endpoint.ips.some(({ value }) => this.#apiServer.has(String(value)))) return [{ type: 'apiServer', cidrs }];
    const names = placed?.hostNames ?? [];
    return names.length === 0 ? [peer] : names.map((name) => ({ type: 'host', name, cidrs }));
  }
}

function commonLabels(pods: readonly Endpoint[]): Labels {
  const [first, ...others] = pods.map(({ labels }) => stableLabels(labels));
  const shared = Object.entries(first ?? {}).filter(([key, value]) => others.every((labels) => labels[key] === value));
  return Object.fromEntries(shared);
}
