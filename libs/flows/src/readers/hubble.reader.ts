import { BLANK_PEER, field, isObject, list, path, text } from '#engine';
import type { Direction, Json, JsonObject, Labels, SeenPeer, SeenVerdict } from '#engine';

import type { FlowReader, Reading } from '../flow-reader.js';
import { address, count, fullName, labels, service, time } from '../read-values.js';

const VERDICTS: ReadonlyMap<string, SeenVerdict> = new Map([
  ['FORWARDED', 'forwarded'],
  ['REDIRECTED', 'forwarded'],
  ['DROPPED', 'dropped'],
  ['AUDIT', 'audited'],
  ['ERROR', 'unknown'],
]);
const DIRECTIONS: ReadonlyMap<string, Direction> = new Map([
  ['INGRESS', 'ingress'],
  ['EGRESS', 'egress'],
]);
const PROTOCOLS = ['TCP', 'UDP', 'SCTP', 'ICMPv4', 'ICMPv6'] as const;

/** Flows of Hubble: lines of `hubble observe -o json`, of its exporter, and answers of Relay. */
export const hubble: FlowReader = {
  name: 'Hubble',
  knows: (record) =>
    isObject(record['flow']) ||
    ['node_status', 'lost_events', 'agent_event', 'debug_event'].some((key) => isObject(record[key])) ||
    (isObject(record['IP']) && typeof record['verdict'] === 'string'),
  read: (record) => {
    const lost = record['lost_events'];
    if (isObject(lost)) return { lost: count(lost['num_events_lost']) };
    const flow = isObject(record['flow']) ? record['flow'] : record;
    return flow === record && !isObject(record['IP']) ? { leftOut: 'news of nodes and agents' } : readFlow(flow);
  },
};

function readFlow(flow: JsonObject): Reading {
  if (isReply(flow)) return { leftOut: 'replies' };
  const verdict = VERDICTS.get(text(flow['verdict']));
  if (verdict === undefined) return { leftOut: 'events without a verdict' };
  const l4 = flow['l4'];
  const name = PROTOCOLS.find((protocol) => isObject(field(l4, protocol)));
  if (name === undefined) return { leftOut: 'traffic without a protocol that policy knows' };
  const asked = service(name === 'ICMPv4' ? 'ICMP' : name, path(l4, name, 'destination_port'));
  if (typeof asked === 'string') return { wrong: asked };
  const seen = time(flow['time']);
  const direction = DIRECTIONS.get(text(flow['traffic_direction'])) ?? null;
  return {
    flow: {
      source: peer(flow, 'source'),
      destination: peer(flow, 'destination'),
      ...asked,
      direction,
      verdict,
      reason: verdict === 'dropped' ? reasonOf(flow['drop_reason_desc']) : '',
      policies: ['egress_allowed_by', 'ingress_allowed_by', 'egress_denied_by', 'ingress_denied_by'].flatMap((key) =>
        list(flow[key]).map((policy) => fullName(text(field(policy, 'namespace')), text(field(policy, 'name')))),
      ),
      count: 1,
      firstSeen: seen,
      lastSeen: seen,
    },
  };
}

/** A reason that Relay has and this reader does not know by name comes as its number. */
function reasonOf(told: Json | undefined): string {
  if (typeof told === 'number') return `drop reason ${told}`;
  return told === 'DROP_REASON_UNKNOWN' ? '' : text(told);
}

/** Absent when it is not known; in files a boolean, in an answer of Relay a message around one. */
function isReply(flow: JsonObject): boolean {
  const reply = flow['is_reply'] ?? flow['reply'];
  return reply === true || field(reply, 'value') === true || path(flow, 'l7', 'type') === 'RESPONSE';
}

function peer(flow: JsonObject, side: 'source' | 'destination'): SeenPeer {
  const end = flow[side];
  const told = list(field(end, 'labels')).map(text);
  const namespace = text(field(end, 'namespace'));
  return {
    ...BLANK_PEER,
    namespace,
    pod: text(field(end, 'pod_name')),
    workload: text(path(list(field(end, 'workloads'))[0], 'name')),
    labels: podLabels(told),
    node: told.includes('reserved:host') ? bareNode(flow['node_name']) : '',
    address: address(path(flow, 'IP', side)),
    hostNames: list(flow[`${side}_names`]).map((name) => text(name).replace(/\.$/, '')),
  };
}

/** Labels that the pod itself has, without the source that each one is marked with. */
function podLabels(told: readonly string[]): Labels {
  const own = told.filter((label) => label.startsWith('k8s:')).map((label) => label.slice('k8s:'.length));
  return labels(own.filter((label) => !/^io\.(kubernetes\.pod|cilium\.k8s)\./.test(label)));
}

/** The exporter puts the name of the cluster before the node's. */
function bareNode(name: Json | undefined): string {
  return text(name).replace(/^.*\//, '');
}
