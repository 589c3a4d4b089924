import { connectionsBetween, formatConnections, formatIp, isEmpty, NO, TCP } from '#engine';
import type { ConnectionSet, Endpoint, IpRange, PolicyEntry, Protocol, ReadyEntry, RuleRef } from '#engine';

import { addressCount, publicShare } from '../context/address-space.js';
import type { AuditContext } from '../context/audit-context.js';
import { hasFamily, internetFor } from '../context/example-address.js';
import { closingFix } from '../context/open-by-default.js';
import { publicPeers, type PublicPeer } from '../context/public-peers.js';
import type { AskedPort } from '../context/rule-ports.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import type { WorkloadView } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import type { Fix } from '../fix/fix.js';
import { keepInside } from '../fix/keep-inside.js';
import { conclude, type FindingDraft } from '../model/finding.js';
import type { Severity } from '../model/severity.js';

/** EXP-04. */
export const check = defineCheck({
  id: 'unexpected-internet-egress',
  number: 'EXP-04',
  area: 'exposure',
  core: true,
  title: 'a workload may connect to the internet and nobody said that it should',
  description:
    'Finds workloads whose effective egress meets public addresses, and tells how many and on which ports, and whether a rule says so or no policy closes it. The annotation `netpol-atlas/internet-egress` with a reason on the pod template or the namespace marks those that are meant to. A few addresses that a rule names weigh less than the internet.',
  remediation:
    'Allow the addresses or names that are needed, through an egress gateway where there is one, or give the reason in the annotation.',
  severity: 'high',
  confidence: 'certain',
  scope: 'workload',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['PCI-1.3.2', '190-4.4.2', 'AC-4', 'CC6.7', 'KSI-CNA-01'],
  references: [REFERENCES.concepts, REFERENCES.hardening],
  run(context) {
    const reach = new InternetReach(context);
    const findings: FindingDraft[] = [];
    const open: string[] = [];
    for (const workload of context.workloads) {
      const [pod] = workload.endpoints;
      if (pod === undefined) continue;
      const { isolated } = context.isolation(pod, 'egress');
      const reached = isolated === 'yes' ? reach.of(pod) : null;
      const isClosed = isolated === 'yes' && reached === null;
      if (isClosed || context.acceptedBecause('internetEgress', pod) !== '') continue;
      if (reached !== null) findings.push(byRule(context, workload, pod, reached));
      else if (isolated === 'no') findings.push(unpoliced(context, workload, pod));
      else open.push(`whether policy closes the egress of ${workload.label} cannot be told`);
    }
    return conclude({ examined: context.workloads.length, findings, open, nothing: 'there are no pods' });
  },
});

function unpoliced(context: AuditContext, workload: WorkloadView, pod: Endpoint): FindingDraft {
  const home = context.namespace(workload.namespace);
  return {
    title: `no policy keeps ${workload.namespace}/${workload.name} from the internet`,
    ...(home?.system === true ? { severity: 'low' } : {}),
    scope: 'workload',
    object: workload.ref,
    evidence: [{ what: 'egress', value: 'no policy closes it: every public address on every port' }],
    counterexample: context.flow(pod, internetFor(pod), TCP, 443),
    fix: home === undefined ? null : closingFix(context, home, ['egress']),
  };
}

/** What an endpoint reaches on the internet. */
interface Reached {
  /** The addresses in words. */
  readonly where: string;
  readonly severity: Severity;
  /** The first of the addresses, and what is allowed to it. */
  readonly peer: PublicPeer;
  readonly allowed: ConnectionSet;
  /** A protocol and a port among those, and the rules that allow it. */
  readonly asked: AskedPort;
  readonly rules: readonly RuleRef[];
  readonly fix: Fix;
}

/** What closed pods reach on the internet; pods that the same rules speak for are asked about once. */
class InternetReach {
  readonly #peers: Readonly<Record<4 | 6, readonly PublicPeer[]>>;
  readonly #known = new Map<string, Reached | null>();
  readonly #numbers = new Map<PolicyEntry, number>();
  /** By what policies share. */
  readonly #admitted = new Map<PolicyEntry, ReadonlySet<PublicPeer>>();

  constructor(readonly context: AuditContext) {
    const peersOf = (family: 4 | 6): readonly PublicPeer[] =>
      context.pods.some((pod) => hasFamily(pod, family)) ? publicPeers(context, family) : [];
    this.#peers = { 4: peersOf(4), 6: peersOf(6) };
  }

  /** Null for nothing. */
  of(pod: Endpoint): Reached | null {
    const rules = this.context.readyRulesFor(pod, 'egress');
    const mayAdmit = rules.map((rule) => this.#mayAdmit(rule)).filter((peers) => peers.size > 0);
    if (mayAdmit.length === 0) return null;
    const families = ([4, 6] as const).filter((family) => hasFamily(pod, family));
    const key = `${families.join()} ${rules.map(({ entry }) => this.#number(entry)).join()}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      const asked = families
        .flatMap((family) => this.#peers[family])
        .filter((peer) => mayAdmit.some((peers) => peers.has(peer)));
      this.#known.set(key, (known = this.#reached(pod, asked)));
    }
    return known;
  }

  /** Most rules name pods alone: what none of them may admit need not be asked. */
  #mayAdmit({ rule, peers }: ReadyEntry): ReadonlySet<PublicPeer> {
    let found = this.#admitted.get(rule);
    if (found === undefined) {
      const isOpen = peers === 'any' || rule.conditions.length > 0;
      const admits = ({ endpoint }: PublicPeer): boolean =>
        isOpen || peers.some((matches) => matches(endpoint, endpoint) !== NO);
      const isNothing = rule.action === 'deny' || rule.peers.type === 'none';
      found = new Set(isNothing ? [] : [...this.#peers[4], ...this.#peers[6]].filter(admits));
      this.#admitted.set(rule, found);
    }
    return found;
  }

  #reached(pod: Endpoint, peers: readonly PublicPeer[]): Reached | null {
    const reached = peers.flatMap((peer) => {
      const { allowed } = connectionsBetween(this.context.snapshot, pod, peer.endpoint, 'intended');
      return isEmpty(allowed) ? [] : [{ peer, allowed }];
    });
    const [first] = reached;
    if (first === undefined) return null;
    const [protocol, ranges] = [...first.allowed][0] as [Protocol, readonly (readonly [number, number])[]];
    const port = ranges[0]?.[0] ?? 443;
    const parts = reached.flatMap(({ peer }) => peer.parts);
    const decision = this.context.decide(pod, first.peer.endpoint, protocol, port);
    return {
      where: describe(parts),
      severity: weightOf(parts),
      peer: first.peer,
      allowed: first.allowed,
      asked: { protocol, port },
      rules: decision?.egress.determining ?? [],
      fix: keepInside(this.context, pod),
    };
  }

  #number(entry: PolicyEntry): number {
    const number = this.#numbers.get(entry) ?? this.#numbers.size;
    this.#numbers.set(entry, number);
    return number;
  }
}

/** What rules of a closed workload open, both families together. */
function byRule(
  context: AuditContext,
  workload: WorkloadView,
  pod: Endpoint,
  { where, severity, peer, allowed, asked, rules, fix }: Reached,
): FindingDraft {
  return {
    title: `a rule lets ${workload.namespace}/${workload.name} connect to ${where}`,
    severity,
    scope: 'workload',
    object: workload.ref,
    related: rules.map((rule) => rule.policy),
    evidence: [
      { what: 'public addresses', value: where },
      { what: 'ports', value: formatConnections(allowed) },
      { what: 'rules', value: rules.map((rule) => `${rule.policy.name} ${rule.pointer}`).join(', ') },
    ],
    counterexample: context.flow(pod, peer.endpoint, asked.protocol, asked.port),
    fix,
  };
}

/** From a large part of the internet down to a block that someone wrote on purpose. */
function weightOf(parts: readonly IpRange[]): Severity {
  const share = publicShare(parts);
  if (share > 0.25) return 'high';
  return share > 0.001 ? 'medium' : 'low';
}

function describe(parts: readonly IpRange[]): string {
  const share = publicShare(parts);
  if (share > 0.999) return 'the whole internet';
  if (share > 0.001) return `${(share * 100).toFixed(1)} % of the internet`;
  const first = parts[0];
  const from = first === undefined ? '' : ` from ${formatIp({ family: first.family, value: first.from })}`;
  return `${addressCount(parts)} public addresses${from}`;
}
