import { parseCidr, parseIp, formatCidr, formatIp } from '../net/index.js';
import { protocolByName } from '../model/index.js';
import type { Labels, Protocol } from '../model/index.js';
import { isLabel, parseSelector } from './parse-selector.js';
import type { PeerQuery } from './question.js';

export type ParsedPeer = { readonly peer: PeerQuery } | { readonly error: string };

const WORKLOAD_WORDS: Readonly<Record<string, string>> = {
  deployment: 'Deployment',
  deploy: 'Deployment',
  statefulset: 'StatefulSet',
  sts: 'StatefulSet',
  daemonset: 'DaemonSet',
  ds: 'DaemonSet',
  replicaset: 'ReplicaSet',
  rs: 'ReplicaSet',
  job: 'Job',
  cronjob: 'CronJob',
  replicationcontroller: 'ReplicationController',
  rc: 'ReplicationController',
  workload: '',
};
const FORMS =
  'namespace/name, service:namespace/name, namespace:name, node:name, ip:address, host:name, labels:namespace/key=value or pods:namespace/selector';

/**
 * Reads one side of a question as people write it: `shop/web`, `pod:shop/web-1`, `deployment:shop/web`,
 * `service:shop/web`, `namespace:shop`, `node:n1`, `10.0.0.1`, `10.0.0.0/8`, `ip:::1`, `example.com`,
 * `host:example.com`, `labels:shop/app=web,tier=fe` (a pod that need not exist), `labels:team=red/app=web` (nor its
 * namespace), `pods:shop/app=web`, `pods:team=red/app in (web,api)`, `pods:*\/app=web` (the pods that selectors choose).
 */
export function parsePeer(text: string): ParsedPeer {
  const trimmed = text.trim();
  if (trimmed === '') return { error: `expected one of ${FORMS}, found nothing` };
  const address = parseAddress(trimmed);
  if (address !== null) return { peer: address };
  const port = /^(.*[/.\]].*):(\d{1,5})$/.exec(trimmed);
  if (port !== null) {
    const [, peer = '', number = ''] = port;
    return {
      error: `\`${trimmed}\` has a port in it: give \`${peer.replace(/^\[|\]$/g, '')}\`, and port ${number} apart`,
    };
  }
  const colon = trimmed.indexOf(':');
  if (colon > 0) return parsePrefixed(trimmed.slice(0, colon).toLowerCase(), trimmed.slice(colon + 1), trimmed);
  const parts = trimmed.split('/');
  if (parts.length === 2 && parts[0] !== '' && parts[1] !== '') {
    return { peer: { type: 'name', namespace: parts[0] as string, name: parts[1] as string } };
  }
  if (parts.length === 3 && parts.every((part) => part !== '')) {
    const [namespace, word, name] = parts as [string, string, string];
    return parsePrefixed(word.toLowerCase(), `${namespace}/${name}`, trimmed);
  }
  if (parts.length === 1 && isHostName(trimmed)) return { peer: hostNameOrService(trimmed) };
  if (/^[a-z0-9][a-z0-9-]*$/.test(trimmed)) {
    return {
      error: `\`${trimmed}\` says no namespace: write \`namespace/${trimmed}\`, or \`namespace:${trimmed}\` when it is one`,
    };
  }
  return { error: `\`${trimmed}\` is not one of ${FORMS}` };
}

function parseAddress(text: string): PeerQuery | null {
  const ip = parseIp(text);
  if (ip !== null) return { type: 'address', address: formatIp(ip) };
  const cidr = parseCidr(text);
  return cidr === null ? null : { type: 'block', cidr: formatCidr(cidr) };
}

function parsePrefixed(word: string, rest: string, whole: string): ParsedPeer {
  if (word === 'ip' || word === 'cidr') {
    const address = parseAddress(rest);
    return address === null ? { error: `\`${rest}\` is not an IP address or block` } : { peer: address };
  }
  if (word === 'host' || word === 'fqdn') {
    return isHostName(rest) ? { peer: hostNameOrService(rest) } : { error: `\`${rest}\` is not a host name` };
  }
  if (word === 'namespace' || word === 'ns')
    return named(rest, 'namespace name', (name) => ({ type: 'namespace', name }));
  if (word === 'node') return named(rest, 'node name', (name) => ({ type: 'node', name }));
  if (word === 'labels') return parseHypothetical(rest);
  if (word === 'pods') return parseSelection(rest);
  const slash = rest.indexOf('/');
  const namespace = rest.slice(0, slash);
  const name = rest.slice(slash + 1);
  if (slash <= 0 || name === '' || name.includes('/'))
    return { error: `\`${whole}\` needs the form \`${word}:namespace/name\`` };
  if (word === 'pod') return { peer: { type: 'pod', namespace, name } };
  if (word === 'service' || word === 'svc') return { peer: { type: 'service', namespace, name } };
  const kind = Object.hasOwn(WORKLOAD_WORDS, word) ? WORKLOAD_WORDS[word] : undefined;
  if (kind === undefined) return { error: `\`${word}\` is not a known prefix; expected one of ${FORMS}` };
  return { peer: { type: 'workload', namespace, kind, name } };
}

function named(text: string, what: string, build: (name: string) => PeerQuery): ParsedPeer {
  return text === '' || text.includes('/') ? { error: `\`${text}\` is not a ${what}` } : { peer: build(text) };
}

function parseHypothetical(text: string): ParsedPeer {
  const [place, own] = atSlash(text);
  if (place === '') return { error: `\`labels:${text}\` needs the form \`labels:namespace/key=value,key=value\`` };
  const labels = readLabels(own);
  if (typeof labels === 'string') return { error: labels };
  const made = { type: 'hypothetical', labels, serviceAccount: 'default' } as const;
  if (!place.includes('=')) return { peer: { ...made, namespace: place } };
  const namespaceLabels = readLabels(place);
  if (typeof namespaceLabels === 'string') return { error: namespaceLabels };
  return { peer: { ...made, namespace: '', namespaceLabels } };
}

/** Labels as `key=value,key=value`, or what is wrong with them. */
function readLabels(text: string): Labels | string {
  const labels: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const pair of text.split(',')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const [key, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
    if (equals <= 0 || !isLabel(key, value)) {
      const hint = pair.includes('/') ? '; where keys have slashes, `//` parts namespace and pod' : '';
      return `\`${pair}\` is not a label of the form \`key=value\`${hint}`;
    }
    labels[key] = value;
  }
  return labels;
}

function parseSelection(text: string): ParsedPeer {
  const [namespaces, pods] = atSlash(text);
  if (namespaces === '') return { error: `\`pods:${text}\` needs the form \`pods:namespace/selector\`` };
  for (const [selector, owner] of [[namespaces, 'namespace'] as const, [pods, 'pod'] as const]) {
    const parsed = parseSelector(selector, owner);
    if ('error' in parsed) return parsed;
  }
  return { peer: { type: 'selection', namespaces, pods } };
}

/** The namespace's part and the pod's: around `//` where label keys have slashes themselves, else around the first slash. */
function atSlash(text: string): readonly [string, string] {
  const double = text.indexOf('//');
  const slash = double > 0 ? double : text.indexOf('/');
  return slash <= 0 ? ['', ''] : [text.slice(0, slash), text.slice(slash + (double > 0 ? 2 : 1))];
}

const HOST_NAME = /^(?=.{1,253}\.?$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?$/i;

function isHostName(text: string): boolean {
  return HOST_NAME.test(text) && !/^[\d.]+$/.test(text);
}

/** `name.namespace.svc` and `name.namespace.svc.cluster.local` are Services, names of a set of clusters none of this one. */
function hostNameOrService(text: string): PeerQuery {
  const match = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(\.(?!clusterset\.local\.?$)[a-z0-9.-]+)?$/i.exec(text);
  if (match !== null) return { type: 'service', namespace: match[2] as string, name: match[1] as string };
  return { type: 'hostName', name: text.toLowerCase().replace(/\.$/, '') };
}

/** A protocol by name or number (0–255); null when it is neither. */
export function parseProtocol(text: string): Protocol | null {
  if (/^\d{1,3}$/.test(text)) return Number(text) <= 255 ? Number(text) : null;
  return protocolByName(text);
}

/** A port from 1 to 65535, a port name, or null when it is neither. */
export function parsePort(value: number | string): number | string | null {
  if (typeof value === 'number' || /^\d+$/.test(value)) {
    const port = Number(value);
    return Number.isInteger(port) && port >= 1 && port <= 65535 ? port : null;
  }
  return /^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(value) ? value.toLowerCase() : null;
}
