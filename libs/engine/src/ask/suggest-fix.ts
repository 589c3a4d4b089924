import type { Direction, DirectionDecision, Labels, Protocol } from '../model/index.js';
import { protocolName } from '../model/index.js';
import { formatIp } from '../net/index.js';
import type { Endpoint } from '../compile/endpoint.js';
import { stableLabels } from '../compile/stable-labels.js';
import { ruleLabel } from '../explain/rule-label.js';
import type { FixView } from './answer.js';

/**
 * A change that would admit the flow in the direction that denied it: a NetworkPolicy where isolation alone is in the
 * way (policies add up), otherwise a pointer at the rule that denies, or that admits other requests only.
 */
export function suggestFix(
  decision: DirectionDecision,
  source: Endpoint,
  destination: Endpoint,
  protocol: Protocol,
  port: number | null,
): FixView {
  const { direction } = decision;
  const subject = direction === 'egress' ? source : destination;
  const peer = direction === 'egress' ? destination : source;
  if (decision.reason !== 'isolated-no-rule-matched') {
    const rules = decision.determining.map(ruleLabel).join(', ');
    const why = `${rules} decides before any NetworkPolicy does, so another NetworkPolicy cannot open it`;
    return { title: `change ${rules}`, why, action: 'change', manifest: '' };
  }
  const request = decision.nearMisses.find(({ part }) => part === 'condition');
  if (request !== undefined) {
    const rule = ruleLabel(request.rule);
    const why = `${rule} admits ${nameOf(peer)} for other requests; a policy beside it that admits the connection lifts that limit`;
    return { title: `add the request to ${rule}`, why, action: 'change', manifest: '' };
  }
  const portText = port === null ? 'every port' : `${protocolName(protocol)} ${port}`;
  return {
    title: `allow ${direction} ${direction === 'egress' ? 'from' : 'to'} ${nameOf(subject)} on ${portText}`,
    why: `${nameOf(subject)} is isolated for ${direction} and no rule admits ${nameOf(peer)}; policies add up, so this one opens only that`,
    action: 'apply',
    manifest: networkPolicyManifest(direction, subject, peer, protocol, port),
  };
}

function nameOf(endpoint: Endpoint): string {
  const name = endpoint.workload?.name ?? endpoint.name;
  return endpoint.namespace === '' ? name : `${endpoint.namespace}/${name}`;
}

function networkPolicyManifest(
  direction: Direction,
  subject: Endpoint,
  peer: Endpoint,
  protocol: Protocol,
  port: number | null,
): string {
  const type = direction === 'egress' ? 'Egress' : 'Ingress';
  const peerName = peer.workload?.name ?? peer.name;
  const name = slug(
    `allow-${subject.workload?.name ?? subject.name}-${direction === 'egress' ? 'to' : 'from'}-${peerName}`,
  );
  const lines = [
    'apiVersion: networking.k8s.io/v1',
    'kind: NetworkPolicy',
    'metadata:',
    `  name: ${name}`,
    `  namespace: ${subject.namespace}`,
    'spec:',
    ...selectorLines('podSelector', subject.labels, '  '),
    `  policyTypes: [${type}]`,
    `  ${direction}:`,
    `    - ${direction === 'egress' ? 'to' : 'from'}:`,
    ...peerLines(subject, peer),
  ];
  if (port !== null) {
    lines.push('      ports:', `        - protocol: ${protocolName(protocol)}`, `          port: ${port}`);
  }
  return `${lines.join('\n')}\n`;
}

function peerLines(subject: Endpoint, peer: Endpoint): string[] {
  if (peer.namespace === '' || peer.kind !== 'pod') {
    const ip = peer.ips[0];
    const cidr =
      ip === undefined
        ? '0.0.0.0/0 # the addresses of this host are not known'
        : `${formatIp(ip)}/${ip.family === 6 ? 128 : 32}`;
    return ['        - ipBlock:', `            cidr: ${cidr}`];
  }
  const pods = selectorLines('podSelector', peer.labels, '          ');
  if (peer.namespace === subject.namespace) return [`        - ${(pods[0] as string).trimStart()}`, ...pods.slice(1)];
  return [
    '        - namespaceSelector:',
    '            matchLabels:',
    `              kubernetes.io/metadata.name: ${peer.namespace}`,
    ...pods,
  ];
}

function selectorLines(key: string, labels: Labels, indent: string): string[] {
  const keys = Object.keys(stableLabels(labels)).sort();
  if (keys.length === 0) return [`${indent}${key}: {}`];
  return [
    `${indent}${key}:`,
    `${indent}  matchLabels:`,
    ...keys.map((label) => `${indent}    ${label}: ${quote(labels[label] ?? '')}`),
  ];
}

/** Quotes what YAML would read as something else than text. */
function quote(text: string): string {
  return /^[A-Za-z][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}

function slug(text: string): string {
  const clean = text.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-');
  return clean.slice(0, 63).replace(/-+$/, '');
}
