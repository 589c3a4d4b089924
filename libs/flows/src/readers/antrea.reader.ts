import { BLANK_PEER, field, isObject, text } from '#engine';
import type { Json, JsonObject, SeenPeer } from '#engine';

import { either, type FlowReader, type Reading } from '../flow-reader.js';
import { address, fullName, labels, service, time } from '../read-values.js';

/** Columns of a line that Antrea's flow aggregator logs, in their order, as far as they are read. */
export const ANTREA_COLUMNS: readonly string[] = [
  'flowStartSeconds',
  'flowEndSeconds',
  'sourceIP',
  'destinationIP',
  'sourceTransportPort',
  'destinationTransportPort',
  'protocolIdentifier',
  'sourcePodName',
  'sourcePodNamespace',
  'sourceNodeName',
  'destinationPodName',
  'destinationPodNamespace',
  'destinationNodeName',
  'destinationClusterIP',
  'destinationServicePort',
  'destinationServicePortName',
  'ingressNetworkPolicyName',
  'ingressNetworkPolicyNamespace',
  'ingressNetworkPolicyRuleName',
  'ingressNetworkPolicyRuleAction',
  'ingressNetworkPolicyType',
  'egressNetworkPolicyName',
  'egressNetworkPolicyNamespace',
  'egressNetworkPolicyRuleName',
  'egressNetworkPolicyRuleAction',
  'egressNetworkPolicyType',
];

/** Columns of a line that it uploads to S3. */
export const ANTREA_UPLOAD_COLUMNS: readonly string[] = [
  ...ANTREA_COLUMNS.slice(0, 2),
  ...Array.from({ length: 3 }, () => ''),
  ...ANTREA_COLUMNS.slice(2, 7),
  ...Array.from({ length: 8 }, () => ''),
  ...ANTREA_COLUMNS.slice(7),
];

/** By number, by name, and as the log writes them when it is to be read by people. */
const CUTS: ReadonlySet<string> = new Set(['2', '3', 'drop', 'reject']);

/** Flow records of Antrea: IPFIX as JSON, its own messages as JSON, rows of its database, and lines of its log. */
export const antrea: FlowReader = {
  name: 'Antrea',
  knows: (record) =>
    isMessage(record) ||
    ['ipfix', 'resumeToken'].some((key) => isObject(record[key])) ||
    'destinationTransportPort' in record,
  read: (record): Reading => {
    if (isObject(record['resumeToken'])) return { leftOut: 'news of the stream' };
    if (isMessage(record)) return readRecord(flatMessage(record));
    return readRecord(isObject(record['ipfix']) ? record['ipfix'] : record);
  },
};

type Message = JsonObject & { readonly transport: JsonObject; readonly k8s: JsonObject };

function isMessage(record: JsonObject): record is Message {
  return isObject(record['transport']) && isObject(record['k8s']);
}

/** A message has the fields of a record in groups, and addresses as bytes. */
function flatMessage({ transport, k8s, ip, startTs = '', endTs = '' }: Message): JsonObject {
  return {
    sourceIP: bytesAddress(field(ip, 'source')),
    destinationIP: bytesAddress(field(ip, 'destination')),
    destinationTransportPort: transport['destinationPort'] ?? null,
    protocolIdentifier: transport['protocolNumber'] ?? null,
    flowStartSeconds: startTs,
    flowEndSeconds: endTs,
    ...k8s,
  };
}

function bytesAddress(value: Json | undefined): string {
  const bytes = Buffer.from(text(value), 'base64');
  return bytes.length === 4 ? bytes.join('.') : (bytes.toString('hex').match(/.{4}/g) ?? []).join(':');
}

function readRecord(record: JsonObject): Reading {
  const source = peer(record, 'source');
  const destination = peer(record, 'destination');
  const isService = destination.pod === '' && destination.service !== '';
  const port = isService ? record['destinationServicePort'] : record['destinationTransportPort'];
  const asked = service(record['protocolIdentifier'], port);
  if (typeof asked === 'string') return { wrong: asked };
  const [ingress, egress] = (['ingress', 'egress'] as const).map((direction) => ({
    cuts: CUTS.has(word(record[`${direction}NetworkPolicyRuleAction`]).toLowerCase().replace(/^.*_/, '')),
    policy: fullName(text(record[`${direction}NetworkPolicyNamespace`]), text(record[`${direction}NetworkPolicyName`])),
  })) as [Decided, Decided];
  const isCut = ingress.cuts || egress.cuts;
  return {
    flow: {
      source,
      destination,
      ...asked,
      direction: isCut ? (egress.cuts ? 'egress' : 'ingress') : null,
      verdict: isCut ? 'dropped' : 'forwarded',
      reason: '',
      policies: [egress.policy, ingress.policy].filter(Boolean),
      count: 1,
      firstSeen: time(record['flowStartSeconds']),
      lastSeen: time(record['flowEndSeconds']),
    },
  };
}

interface Decided {
  readonly cuts: boolean;
  readonly policy: string;
}

function word(value: Json | undefined): string {
  return typeof value === 'number' ? String(value) : text(value);
}

function peer(record: JsonObject, side: 'source' | 'destination'): SeenPeer {
  const pod = text(record[`${side}PodName`]);
  const to = side === 'destination' ? text(record['destinationServicePortName']).replace(/:[^:]*$/, '') : '';
  return {
    ...BLANK_PEER,
    namespace: pod === '' ? '' : text(record[`${side}PodNamespace`]),
    pod,
    labels: podLabels(record[`${side}PodLabels`]),
    service: pod === '' ? to : '',
    address: ['IP', 'IPv4Address', 'IPv6Address'].map((key) => address(either(record, side + key))).find(Boolean) ?? '',
  };
}

/** An object in a text, or in a message. */
function podLabels(value: Json | undefined): SeenPeer['labels'] {
  if (isObject(value)) return labels(value['labels']);
  try {
    return labels(JSON.parse(text(value) || '{}') as Json);
  } catch {
    return BLANK_PEER.labels;
  }
}
