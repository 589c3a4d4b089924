import { BLANK_PEER, isObject, path, text } from '#engine';
import type { Json, JsonObject, SeenPeer } from '#engine';

import { either, type FlowReader, type Reading } from '../flow-reader.js';
import { address, count, labels, service, time } from '../read-values.js';

/** Where the far side stands in a record, by gadget and by age. */
const FAR = ['endpoint', 'dst', 'dstEndpoint'] as const;

/** Of a pod with itself, which policy does not see. */
const LOOPBACK = /^(?:127\.|::1$)/;

/** Connections of Inspektor Gadget: `trace_tcp` and `advise_networkpolicy`, and what they were before they were images. */
export const gadget: FlowReader = {
  name: 'Inspektor Gadget',
  knows: (record) =>
    FAR.some((key) => isObject(record[key])) || 'daddr' in record || 'pktType' in record || isNews(record),
  read: (record): Reading => {
    if (isNews(record)) return { leftOut: 'news of the gadget' };
    if (![undefined, null, '', 0].includes(either(record, 'error', 'error_raw') as string))
      return { leftOut: 'connections that failed' };
    if (typeof record['type'] === 'string' && !['normal', 'connect', 'accept'].includes(record['type']))
      return { leftOut: 'events that open no connection' };
    const far = FAR.map((key) => record[key]).find(isObject) ?? record;
    const isAccepted = record['type'] === 'accept';
    const asked = service(
      either(far, 'proto') ?? either(record, 'proto') ?? 'TCP',
      isAccepted ? path(record, 'src', 'port') : (either(far, 'port') ?? either(record, 'dport')),
    );
    if (typeof asked === 'string') return { wrong: asked };
    const [own, other] = [ownPeer(record), farPeer(far)];
    if (LOOPBACK.test(other.address)) return { leftOut: 'traffic inside of a pod' };
    // Whatever its name says, `egress` is 1 for what comes in.
    const isIncoming = isAccepted || record['egress'] === 1 || record['pktType'] === 'HOST';
    const seen = time(either(record, 'timestamp_raw', 'timestamp'));
    return {
      flow: {
        source: isIncoming ? other : own,
        destination: isIncoming ? own : other,
        ...asked,
        direction: null,
        verdict: 'forwarded',
        reason: '',
        policies: [],
        count: count(record['count']),
        firstSeen: seen,
        lastSeen: seen,
      },
    };
  },
};

function isNews(record: JsonObject): boolean {
  return ['debug', 'info', 'warn', 'err', 'ready'].includes(text(record['type'])) && 'message' in record;
}

/** The pod in which the gadget looked. */
function ownPeer(record: JsonObject): SeenPeer {
  const k8s = isObject(record['k8s']) ? record['k8s'] : record;
  return {
    ...BLANK_PEER,
    namespace: text(k8s['namespace']),
    pod: text(either(k8s, 'podName', 'pod')),
    workload: text(path(k8s, 'owner', 'name')),
    labels: labels(k8s['podLabels']),
    address: address(either(record, 'podIP', 'saddr') ?? path(record, 'src', 'addr')),
  };
}

function farPeer(far: JsonObject): SeenPeer {
  const k8s = isObject(far['k8s']) ? far['k8s'] : far;
  const told = (...names: readonly string[]): string => text(either(k8s, ...names));
  const [kind, namespace, name] = [
    told('remoteKind', 'kind'),
    told('remoteNamespace', 'namespace'),
    told('remoteName', 'name'),
  ];
  const at: Json | undefined = either(far, 'addr', 'remoteAddr', 'daddr');
  if (kind === 'pod') {
    const own = labels(either(k8s, 'labels', 'remoteLabels', 'podlabels'));
    return { ...BLANK_PEER, namespace, pod: name, labels: own, address: address(at) };
  }
  if (kind === 'svc') return { ...BLANK_PEER, service: `${namespace}/${name}`, address: address(at) };
  return { ...BLANK_PEER, address: address(at) };
}
