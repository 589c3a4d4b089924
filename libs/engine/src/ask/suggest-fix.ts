import type { Direction, DirectionDecision, Labels, Protocol, Semantics } from '../model/index.js';
import { hasPorts, protocolName } from '../model/index.js';
import { blockOf, formatIp } from '../net/index.js';
import { isHost } from '../compile/endpoint.js';
import type { Endpoint } from '../compile/endpoint.js';
import { stableKeys } from '../compile/stable-labels.js';
import { nameList, ruleLabel } from '../explain/rule-label.js';
import { METADATA_ADDRESS } from '../reach/blast/landmarks.js';
import type { FixView } from './answer.js';
import type { FlowQuestion, PeerQuery } from './question.js';

/** A flow that is denied, and what was asked of it. */
export interface DeniedFlow {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** Port at the destination, null for any. */
  readonly port: number | null;
  readonly question: FlowQuestion;
}

/** The two sides of a flow as one direction sees them. */
interface Sides {
  readonly direction: Direction;
  readonly subject: Endpoint;
  readonly peer: Endpoint;
  /** The peer as it was asked for. */
  readonly query: PeerQuery;
}

/** How a policy names the peer: a kind that can, and the entry of its list of rules. */
interface PeerForm {
  readonly kind: 'NetworkPolicy' | 'CiliumNetworkPolicy';
  readonly lines: readonly string[];
}

/**
 * A change that would admit the flow in the direction that denied it: a policy where isolation alone is in the way
 * (policies add up), otherwise a pointer at what has to be changed.
 */
export function suggestFix(decision: DirectionDecision, flow: DeniedFlow, semantics: Semantics): FixView {
  const { direction } = decision;
  const { source, destination, question } = flow;
  const sides: Sides =
    direction === 'egress'
      ? { direction, subject: source, peer: destination, query: question.destination }
      : { direction, subject: destination, peer: source, query: question.source };
  const obstacle = obstacleOf(decision, sides, semantics);
  if (obstacle !== null) return { ...obstacle, action: 'change', manifest: '' };
  const form = peerForm(sides, semantics);
  const { subject, peer } = sides;
  if (form === null) {
    const why = `no policy kind of this network plugin names ${nameOf(peer)} so that a manifest could be given`;
    return { title: `admit ${nameOf(peer)} in ${policiesOf(decision)}`, why, action: 'change', manifest: '' };
  }
  const { protocol } = question;
  const portText = flow.port === null ? 'every port' : `${protocolName(protocol)} ${flow.port}`;
  const caveats = [...wider(sides, form, protocol), ...caution(sides)];
  const cost = caveats.length === 0 ? 'policies add up, so this one opens only that' : caveats.join('; ');
  return {
    title: `allow ${direction} ${direction === 'egress' ? 'from' : 'to'} ${nameOf(subject)} on ${portText}`,
    why: `${nameOf(subject)} is isolated for ${direction} and no rule admits ${nameOf(peer)}; ${cost}`,
    action: 'apply',
    manifest: manifestOf(sides, form, portLines(form.kind, flow)),
  };
}

/** Tiers whose isolation one more NetworkPolicy lifts. */
const POOL_TIERS: ReadonlySet<string> = new Set(['default', 'isolation']);

/** What no further policy can overcome, null when one can. */
function obstacleOf(
  decision: DirectionDecision,
  { subject, peer }: Sides,
  semantics: Semantics,
): Pick<FixView, 'title' | 'why'> | null {
  const policies = policiesOf(decision);
  // Gates beside policy may deny too: what is told is about the one that speaks.
  const settled = decision.steps.find(
    ({ outcome, rules }) => outcome === 'isolated' && rules[0] === decision.determining[0],
  );
  if (settled === undefined || !POOL_TIERS.has(settled.tier)) {
    const why = `${policies} decides before any NetworkPolicy does, so another NetworkPolicy cannot open it`;
    return { title: `change ${policies}`, why };
  }
  const request = decision.nearMisses.find(({ part }) => part === 'condition');
  if (request !== undefined) {
    const rule = ruleLabel(request.rule);
    const why = `${rule} admits ${nameOf(peer)} for other requests; a policy beside it that admits the connection lifts that limit`;
    return { title: `add the request to ${rule}`, why };
  }
  if (isHost(subject) && !semantics.hostPodsAsSubjects) {
    return {
      title: `admit ${nameOf(peer)} in ${policies}`,
      why: `${nameOf(subject)} is a host, which no NetworkPolicy selects`,
    };
  }
  return subject.namespace === ''
    ? { title: `admit ${nameOf(peer)} in ${policies}`, why: `${nameOf(subject)} is in no namespace that has a name` }
    : null;
}

const policiesOf = ({ determining }: DirectionDecision): string => nameList(determining.map(ruleLabel));

function nameOf(endpoint: Endpoint): string {
  const name = endpoint.workload?.name ?? endpoint.name;
  return endpoint.namespace === '' ? name : `${endpoint.namespace}/${name}`;
}

/** Where the policy opens more than was asked for, since its words are no finer. */
function wider({ subject, peer }: Sides, form: PeerForm, protocol: Protocol): string[] {
  const isBare = (endpoint: Endpoint): boolean => stableKeys(endpoint.labels).length === 0;
  const pods = peer.kind === 'pod' ? [subject, peer] : [subject];
  return [
    ...pods
      .filter(isBare)
      .map((pod) => `${nameOf(pod)} has no label of its own, so all pods of its namespace are meant`),
    ...(hasPorts(protocol) ? [] : [`it cannot name ${protocolName(protocol)}, so every port opens with it`]),
    ...(form.kind === 'NetworkPolicy' ? [] : ['it cannot name one node, so every node is meant']),
  ];
}

/** What whoever applies it should know. */
function caution({ direction, peer }: Sides): string[] {
  return direction === 'egress' && peer.ips.some((ip) => formatIp(ip) === METADATA_ADDRESS)
    ? ['beware: who reaches the metadata address of a cloud may get the credentials of the node']
    : [];
}

function manifestOf({ direction, subject, peer }: Sides, form: PeerForm, ports: readonly string[]): string {
  const name = slug(
    `allow-${subject.workload?.name ?? subject.name}-${direction === 'egress' ? 'to' : 'from'}-${peer.workload?.name ?? peer.name}`,
  );
  const standard = form.kind === 'NetworkPolicy';
  const lines = [
    `apiVersion: ${standard ? 'networking.k8s.io/v1' : 'cilium.io/v2'}`,
    `kind: ${form.kind}`,
    'metadata:',
    `  name: ${name}`,
    `  namespace: ${subject.namespace}`,
    'spec:',
    ...selectorLines(standard ? 'podSelector' : 'endpointSelector', subject.labels, '  '),
    ...(standard ? [`  policyTypes: [${direction === 'egress' ? 'Egress' : 'Ingress'}]`] : []),
    `  ${direction}:`,
    ...form.lines,
    ...ports,
  ];
  return `${lines.join('\n')}\n`;
}

function portLines(kind: PeerForm['kind'], { question: { protocol }, port }: DeniedFlow): string[] {
  if (!hasPorts(protocol)) return [];
  const name = protocolName(protocol);
  if (kind === 'NetworkPolicy') {
    return ['      ports:', `        - protocol: ${name}`, ...(port === null ? [] : [`          port: ${port}`])];
  }
  return [
    '      toPorts:',
    '        - ports:',
    `            - port: "${port ?? 0}"`,
    `              protocol: ${name}`,
  ];
}

/** The peer as the policy kinds of the plugin can name it, null when none can. */
function peerForm({ direction, subject, peer, query }: Sides, semantics: Semantics): PeerForm | null {
  const list = direction === 'egress' ? 'to' : 'from';
  const standard = (lines: readonly string[]): PeerForm => ({
    kind: 'NetworkPolicy',
    lines: [`    - ${list}:`, ...lines],
  });
  if (peer.kind === 'pod' || (peer.kind === 'hostpod' && semantics.hostPodsAsPeers)) {
    return standard(podLines(subject, peer));
  }
  if (isHost(peer) && !semantics.cidrMatches.nodes) {
    if (semantics.combination !== 'cilium') return null;
    const entity = direction === 'egress' ? 'toEntities' : 'fromEntities';
    return { kind: 'CiliumNetworkPolicy', lines: [`    - ${entity}: [host, remote-node]`] };
  }
  const blocks = query.type === 'block' ? [query.cidr] : peer.ips.map(blockOf);
  if (blocks.length === 0) return null;
  return standard(blocks.flatMap((cidr) => ['        - ipBlock:', `            cidr: ${cidr}`]));
}

function podLines(subject: Endpoint, peer: Endpoint): string[] {
  const pods = selectorLines('podSelector', peer.labels, '          ');
  if (peer.namespace !== '' && peer.namespace === subject.namespace) {
    return [`        - ${(pods[0] as string).trimStart()}`, ...pods.slice(1)];
  }
  const namespace = peer.namespace === '' ? peer.namespaceLabels : { 'kubernetes.io/metadata.name': peer.namespace };
  const [first = '', ...rest] = selectorLines('namespaceSelector', namespace, '          ');
  return [`        - ${first.trimStart()}`, ...rest, ...pods];
}

function selectorLines(key: string, labels: Labels, indent: string): string[] {
  const keys = stableKeys(labels);
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
