import { BLANK_PEER, isObject, text } from '#engine';
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

/** By number, and as the log writes them when it is to be read by people. */
const CUTS: ReadonlySet<string> = new Set(['2', '3', 'drop', 'reject']);

/** Flow records of Antrea: IPFIX as JSON, rows of its database, and lines of its log. */
export const antrea: FlowReader = {
  name: 'Antrea',
  knows: (record) => isObject(record['ipfix']) || 'destinationTransportPort' in record,
  read: (record): Reading => readRecord(isObject(record['ipfix']) ? record['ipfix'] : record),
};

function readRecord(record: JsonObject): Reading {
  const source = peer(record, 'source');
  const destination = peer(record, 'destination');
  const isService = destination.pod === '' && destination.service !== '';
  const port = isService ? record['destinationServicePort'] : record['destinationTransportPort'];
  const asked = service(record['protocolIdentifier'], port);
  if (typeof asked === 'string') return { wrong: asked };
  const [ingress, egress] = (['ingress', 'egress'] as const).map((direction) => ({
    cuts: CUTS.has(word(record[`${direction}NetworkPolicyRuleAction`]).toLowerCase()),
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

/** An object in a text. */
function podLabels(value: Json | undefined): SeenPeer['labels'] {
  try {
    return labels(JSON.parse(text(value) || '{}') as Json);
  } catch {
    return BLANK_PEER.labels;
  }
}
