import { field, objectLabel, pairFamilies, parseCidr } from '#engine';
import type { Endpoint } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { publicParts } from '../context/address-space.js';
import { firstAddress, INTERNET, internetFor, oneOfEachFamily } from '../context/example-address.js';
import type { PolicyView, RuleView } from '../context/policy-view.js';
import { peersOf } from '../context/receivers.js';
import { rulePort } from '../context/rule-ports.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES } from '../context/sources.js';
import { zoneOf } from '../context/zones.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** Annotations of a policy that say who answers for it and why it is needed. */
const WANTED = [
  { what: 'an owner', key: 'netpol-atlas/owner' },
  { what: 'a reason', key: 'netpol-atlas/reason' },
] as const;

/** HYG-05. */
export const check = defineCheck({
  id: 'no-owner-or-justification',
  number: 'HYG-05',
  area: 'hygiene',
  core: false,
  title: 'nobody says who answers for an opening to the internet or another zone, or why it is needed',
  description:
    'Finds policies that allow public addresses, or pods of another zone (see zone-violation), in either direction and carry no owner (annotation netpol-atlas/owner) or no reason (netpol-atlas/reason).',
  remediation: 'Annotate the policy with its owner and the need that it serves, or close what nobody needs.',
  severity: 'low',
  confidence: 'certain',
  scope: 'policy',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['PCI-1.2.5'],
  references: ['https://www.pcisecuritystandards.org/document_library/'],
  run(context) {
    const findings: FindingDraft[] = [];
    let examined = 0;
    for (const policy of context.networkPolicies) {
      const opening = openingOf(context, policy);
      if (opening === null) continue;
      examined++;
      const { annotations } = policy.fact.meta;
      const missing = WANTED.filter(({ key }) => (annotations[key] ?? '').trim() === '');
      if (missing.length === 0) continue;
      findings.push({
        title: `${objectLabel(policy.ref)} opens a way ${opening.where} without ${missing.map(({ what }) => what).join(' and ')}`,
        scope: 'policy',
        object: policy.ref,
        evidence: [
          { what: 'missing', value: missing.map(({ key }) => key).join(', ') },
          { what: 'rule', value: opening.rule.pointer },
        ],
        counterexample: flowOf(context, opening),
        fix: annotated(policy, missing),
      });
    }
    return conclude({ examined, findings, nothing: 'no NetworkPolicy opens a way to the internet or another zone' });
  },
});

/** A rule that lets someone in, or out to someone, who is no neighbour. */
interface Opening {
  readonly rule: RuleView;
  readonly where: string;
  readonly subject: Endpoint | null;
  readonly peer: Endpoint;
}

function openingOf(context: AuditContext, { rules, selected }: PolicyView): Opening | null {
  const subjects = selected.length === 0 ? [null] : oneOfEachFamily(selected);
  const zoned = oneOfEachZone(context, selected);
  for (const rule of rules) {
    for (const subject of subjects) {
      const peer = publicPeer(rule, subject);
      if (peer !== null) return { rule, where: 'to or from the internet', subject, peer };
    }
    if (zoned.size === 0) continue;
    for (const peer of peersOf(context, rule)) {
      const zone = zoneOf(context, peer);
      const other = zone === '' ? undefined : [...zoned].find(([own]) => own !== zone);
      if (other === undefined) continue;
      const [own, subject] = other;
      return { rule, where: `between zone ${own} and zone ${zone}`, subject, peer };
    }
  }
  return null;
}

/** The first pod of each zone. */
function oneOfEachZone(context: AuditContext, pods: readonly Endpoint[]): ReadonlyMap<string, Endpoint> {
  const found = new Map<string, Endpoint>();
  for (const pod of pods) {
    const zone = zoneOf(context, pod);
    if (zone !== '' && !found.has(zone)) found.set(zone, pod);
  }
  return found;
}

/** Someone on the internet whom a rule names, or lets pass as it names nobody; null where `subject` speaks with none of them. */
function publicPeer({ peers, entry }: RuleView, subject: Endpoint | null): Endpoint | null {
  if (entry === null) return null;
  if (peers.length === 0) return subject === null ? INTERNET : internetFor(subject);
  for (const peer of peers) {
    const cidr = field(field(peer, 'ipBlock'), 'cidr');
    const range = typeof cidr === 'string' ? parseCidr(cidr) : null;
    const [part] = range === null ? [] : publicParts(range);
    const outside = part === undefined ? null : firstAddress(part);
    if (outside !== null && (subject === null || pairFamilies(outside, subject).length > 0)) return outside;
  }
  return null;
}

function flowOf(context: AuditContext, { rule, subject, peer }: Opening): FindingDraft['counterexample'] {
  if (subject === null) return null;
  const [source, destination] = rule.direction === 'ingress' ? [peer, subject] : [subject, peer];
  const { protocol, port } = rulePort(rule, destination);
  return context.flow(source, destination, protocol, port);
}

function annotated({ ref }: PolicyView, missing: readonly (typeof WANTED)[number][]): FindingDraft['fix'] {
  const command = missing.map(({ key }) => `${key}='…'`).join(' ');
  const { namespace, name } = ref;
  return operatorTask(
    `annotate ${objectLabel(ref)}`,
    'write who and why in the place of …',
    `kubectl annotate networkpolicy --namespace ${namespace} ${name} ${command}\n`,
  );
}
