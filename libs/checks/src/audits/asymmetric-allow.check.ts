import { field, matchPorts, NO, objectLabel, protocolName } from '#engine';
import type { ContainerPort, Direction, Endpoint } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import type { RuleView } from '../context/policy-view.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { textOf } from '../context/text-of.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { allowHalf } from '../fix/allow-half.js';
import { applyObjects } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COR-18. */
export const check = defineCheck({
  id: 'asymmetric-allow',
  number: 'COR-18',
  area: 'correctness',
  core: false,
  title: 'one half of a connection is allowed and the other half is not',
  description:
    'A connection needs the leave of both ends. Finds rules that name pods by label where the other end denies every port that the receiving pod declares and the rule admits, as the engine decides it.',
  remediation: 'Add the missing half, or take the rule away when the connection is not wanted.',
  severity: 'medium',
  confidence: 'likely',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['PCI-1.2.1', 'CM-6'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    const working = new WorkingPairs(context);
    let examined = 0;
    for (const rule of context.networkPolicies.flatMap((policy) => policy.rules)) {
      // Peers without pod labels are wide on purpose: that some of their pods refuse is no half of anything.
      const named = rule.selectors.filter((_, at) => field(rule.peers[at], 'podSelector') !== undefined);
      const admitted = new AdmittedPorts(rule);
      for (const peer of context.choices.perWorkload(context.choices.byAny(named))) {
        examined++;
        const found = findingFor(context, rule, peer, admitted, working);
        if (found === null) continue;
        findings.push(found);
        break;
      }
    }
    return conclude({ examined, findings, nothing: 'no rule names pods' });
  },
});

/** Pairs of which both ends admit a port. Rules that stand together mostly ask about one subject: its pairs are known. */
class WorkingPairs {
  #subject: Endpoint | null = null;
  readonly #known = { ingress: new Map<Endpoint, boolean>(), egress: new Map<Endpoint, boolean>() };

  constructor(private readonly context: AuditContext) {}

  works(direction: Direction, subject: Endpoint, peer: Endpoint): boolean {
    if (subject !== this.#subject) for (const known of Object.values(this.#known)) known.clear();
    this.#subject = subject;
    let found = this.#known[direction].get(peer);
    if (found === undefined) {
      const [source, destination] = direction === 'ingress' ? [peer, subject] : [subject, peer];
      found = servedBy(destination).some(
        ({ protocol, port }) => this.context.verdict(source, destination, protocol, port) !== 'deny',
      );
      this.#known[direction].set(peer, found);
    }
    return found;
  }
}

function servedBy({ ports }: Endpoint): readonly ContainerPort[] {
  return ports.filter(({ init }) => !init);
}

/** What a rule admits of the ports that pods serve: worked out once for all that serve the same. */
class AdmittedPorts {
  readonly #known = new Map<string, readonly ContainerPort[]>();

  constructor(private readonly rule: RuleView) {}

  of(destination: Endpoint): readonly ContainerPort[] {
    const served = textOf(destination.ports);
    let found = this.#known.get(served);
    if (found === undefined) {
      found = servedBy(destination).filter((port) => admits(this.rule, port, destination));
      this.#known.set(served, found);
    }
    return found;
  }
}

function admits({ entry }: RuleView, { protocol, port }: ContainerPort, destination: Endpoint): boolean {
  return entry !== null && matchPorts(entry.ports, { protocol, port, family: 4 }, destination) !== NO;
}

function findingFor(
  context: AuditContext,
  rule: RuleView,
  peer: Endpoint,
  ports: AdmittedPorts,
  working: WorkingPairs,
): FindingDraft | null {
  const subject = rule.policy.selected.find((pod) => pod !== peer);
  if (subject === undefined) return null;
  const [source, destination] = rule.direction === 'ingress' ? [peer, subject] : [subject, peer];
  const admitted = ports.of(destination);
  if (admitted.length === 0 || working.works(rule.direction, subject, peer)) return null;
  const halves = admitted.map((port) => ({
    port,
    decision: context.decide(source, destination, port.protocol, port.port),
  }));
  const other = rule.direction === 'ingress' ? 'egress' : 'ingress';
  const granted = halves.filter(({ decision }) => decision?.[rule.direction].verdict === 'allow');
  const refused = granted.filter(({ decision }) => decision?.[other].verdict === 'deny');
  const [first] = refused;
  if (first === undefined || refused.length < granted.length) return null;
  const { namespace, name } = rule.policy.ref;
  const [from, to] = [objectLabel(workloadRef(source)), objectLabel(workloadRef(destination))];
  return {
    title: `${namespace}/${name} allows ${rule.direction} of ${from} to ${to}, whose ${other} half is denied`,
    scope: 'rule',
    object: rule.policy.ref,
    pointer: rule.pointer,
    related: first.decision?.[other].determining.map((each) => each.policy) ?? [],
    evidence: [
      { what: 'ports that the rule admits', value: granted.map(({ port }) => port.port).join(', ') },
      {
        what: `policies that deny the ${other}`,
        value: first.decision?.[other].determining.map((r) => r.policy.name).join(', ') ?? '',
      },
    ],
    counterexample: context.flow(source, destination, first.port.protocol, first.port.port),
    fix: applyObjects(
      `allow the ${other} half on ${protocolName(first.port.protocol)} ${first.port.port}`,
      [allowHalf(context, source, destination, first.port, other)],
      'only if the connection is wanted',
    ),
  };
}
