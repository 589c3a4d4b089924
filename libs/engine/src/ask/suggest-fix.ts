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
  /** Whole lines. */
  readonly text: string;
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
  const place = flow.port === null ? 'every port' : `${protocolName(protocol)} ${flow.port}`;
  const caveats = [...wider(sides, form, protocol), ...caution(sides)];
  const cost = caveats.length === 0 ? 'policies add up, so this one opens only that' : caveats.join('; ');
  return {
    title: `allow ${direction} ${direction === 'egress' ? 'from' : 'to'} ${nameOf(subject)} on ${place}`,
    why: `${nameOf(subject)} is isolated for ${direction} and no rule admits ${nameOf(peer)}; ${cost}`,
    action: 'apply',
    manifest: manifestOf(sides, form, portText(form.kind, flow)),
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
  // Gates beside policy may deny too: what is told is about the one that speaks.
  const settled = decision.steps.find(
    ({ outcome, rules }) => outcome === 'isolated' && rules[0] === decision.determining[0],
  );
  if (settled === undefined || !POOL_TIERS.has(settled.tier)) {
    const policies = policiesOf(decision);
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
      title: `admit ${nameOf(peer)} in ${policiesOf(decision)}`,
      why: `${nameOf(subject)} is a host, which no NetworkPolicy selects`,
    };
  }
  return subject.namespace === ''
    ? {
        title: `admit ${nameOf(peer)} in ${policiesOf(decision)}`,
        why: `${nameOf(subject)} is in no namespace that has a name`,
      }
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

function manifestOf({ direction, subject, peer }: Sides, form: PeerForm, ports: string): string {
  const name = slug(
    `allow-${subject.workload?.name ?? subject.name}-${direction === 'egress' ? 'to' : 'from'}-${peer.workload?.name ?? peer.name}`,
  );
  const standard = form.kind === 'NetworkPolicy';
  const version = standard ? 'networking.k8s.io/v1' : 'cilium.io/v2';
  const metadata = `metadata:\n  name: ${name}\n  namespace: ${subject.namespace}\n`;
  const selector = selectorText(standard ? 'podSelector' : 'endpointSelector', subject.labels, '  ');
  const types = standard ? `  policyTypes: [${direction === 'egress' ? 'Egress' : 'Ingress'}]\n` : '';
  const rules = `  ${direction}:\n${form.text}${ports}`;
  return `apiVersion: ${version}\nkind: ${form.kind}\n${metadata}spec:\n${selector}${types}${rules}`;
}

function portText(kind: PeerForm['kind'], { question: { protocol }, port }: DeniedFlow): string {
  if (!hasPorts(protocol)) return '';
  const name = protocolName(protocol);
  if (kind === 'NetworkPolicy') {
    const number = port === null ? '' : `          port: ${port}\n`;
    return `      ports:\n        - protocol: ${name}\n${number}`;
  }
  const item = `            - port: "${port ?? 0}"\n              protocol: ${name}\n`;
  return `      toPorts:\n        - ports:\n${item}`;
}

/** The peer as the policy kinds of the plugin can name it, null when none can. */
function peerForm({ direction, subject, peer, query }: Sides, semantics: Semantics): PeerForm | null {
  const list = direction === 'egress' ? 'to' : 'from';
  const standard = (text: string): PeerForm => ({ kind: 'NetworkPolicy', text: `    - ${list}:\n${text}` });
  if (peer.kind === 'pod' || (peer.kind === 'hostpod' && semantics.hostPodsAsPeers)) {
    return standard(podText(subject, peer));
  }
  if (isHost(peer) && !semantics.cidrMatches.nodes) {
    if (semantics.combination !== 'cilium') return null;
    const entity = direction === 'egress' ? 'toEntities' : 'fromEntities';
    return { kind: 'CiliumNetworkPolicy', text: `    - ${entity}: [host, remote-node]\n` };
  }
  const blocks = query.type === 'block' ? [query.cidr] : peer.ips.map(blockOf);
  if (blocks.length === 0) return null;
  return standard(blocks.map((cidr) => `        - ipBlock:\n            cidr: ${cidr}\n`).join(''));
}

function podText(subject: Endpoint, peer: Endpoint): string {
  const pods = selectorText('podSelector', peer.labels, IN_ITEM);
  if (peer.namespace !== '' && peer.namespace === subject.namespace) return asItem(pods);
  const namespace = peer.namespace === '' ? peer.namespaceLabels : { 'kubernetes.io/metadata.name': peer.namespace };
  return `${asItem(selectorText('namespaceSelector', namespace, IN_ITEM))}${pods}`;
}

/** How far fields of a peer stand in, and the mark of an item before the first of them. */
const IN_ITEM = ' '.repeat(10);
const asItem = (fields: string): string => `        - ${fields.slice(IN_ITEM.length)}`;

function selectorText(key: string, labels: Labels, indent: string): string {
  const keys = stableKeys(labels);
  if (keys.length === 0) return `${indent}${key}: {}\n`;
  let out = `${indent}${key}:\n${indent}  matchLabels:\n`;
  for (const label of keys) out += `${indent}    ${label}: ${quote(labels[label] ?? '')}\n`;
  return out;
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
