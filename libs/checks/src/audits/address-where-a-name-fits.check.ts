import {
  contains,
  externalEndpoint,
  field,
  formatCidr,
  formatIp,
  groupBy,
  list,
  objectLabel,
  parseCidr,
  path,
  pointer,
  text,
} from '#engine';
import type { Cidr, JsonObject } from '#engine';

import { publicParts } from '../context/address-space.js';
import type { AuditContext } from '../context/audit-context.js';
import { knownNames, type KnownName } from '../context/known-names.js';
import { peerPointer, type PolicyView, type RuleView } from '../context/policy-view.js';
import { rulePort } from '../context/rule-ports.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { NAME_RULES, type NameRules, type NamesSketch } from '../fix/allow-by-name.js';
import { freeName } from '../fix/default-deny.js';
import type { Fix } from '../fix/fix.js';
import { applyObjects, operatorTask, policyWith, specOfRules } from '../fix/make-fix.js';
import type { SketchPort } from '../fix/policy-sketch.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** A block with fewer bits is a network, not where one service is. */
const FEWEST_BITS: Readonly<Record<4 | 6, number>> = { 4: 24, 6: 120 };

/** EXP-12. */
export const check = defineCheck({
  id: 'address-where-a-name-fits',
  number: 'EXP-12',
  area: 'exposure',
  core: false,
  title: 'a rule allows an address of a service that is known by its name',
  description:
    'Finds egress rules with blocks of at most 256 public addresses in which a known name is, where the network plugin has rules by name: Cilium, GKE Dataplane V2, Antrea, OVN-Kubernetes. Names are known from flows that were seen and from ServiceEntries, and it is skipped without both. Who has the address of a service today is not who has it tomorrow.',
  remediation: 'Allow the service by its name, in the kind of policy that the network plugin has for that.',
  severity: 'low',
  confidence: 'likely',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  settings: ['flows'],
  compliance: ['PCI-1.3.2', 'AC-4'],
  references: [
    REFERENCES.concepts,
    'https://docs.cilium.io/en/stable/security/policy/language/',
    'https://cloud.google.com/kubernetes-engine/docs/how-to/fqdn-network-policies',
  ],
  run(context) {
    const { policyEngine, title } = context.snapshot.cni;
    if (policyEngine === 'unknown')
      return { outcome: 'unknown', reason: 'which network plugin enforces policy here is not known' };
    const byName = NAME_RULES[policyEngine];
    if (byName === undefined)
      return { outcome: 'not-applicable', reason: `${title} is not known to have rules by name` };
    const narrow = context.networkPolicies.map((policy) => narrowBlocks(policy));
    const examined = narrow.flat().length;
    const names = examined === 0 ? [] : knownNames(context);
    if (names === null) {
      return {
        outcome: 'skip',
        reason: 'names of addresses are told by flows (`atlas audit --flows`) and ServiceEntries',
      };
    }
    const findings = narrow.flatMap((blocks) => {
      const named = blocks.flatMap((one): NamedBlock[] => {
        const known = names.filter(({ ip }) => contains(one.block, ip));
        return known.length === 0 ? [] : [{ ...one, known }];
      });
      const [first] = named;
      if (first === undefined) return [];
      const fix = byNameInstead(context, first.rule.policy, named, byName);
      return named.map((one) => findingFor(context, one, fix));
    });
    return conclude({ examined, findings, nothing: 'no egress rule has a narrow block of public addresses' });
  },
});

interface NarrowBlock {
  readonly rule: RuleView;
  /** Position of the peer. */
  readonly at: number;
  readonly block: Cidr;
}

interface NamedBlock extends NarrowBlock {
  readonly known: readonly KnownName[];
}

function narrowBlocks({ rules }: PolicyView): readonly NarrowBlock[] {
  return rules
    .filter(({ direction, entry }) => direction === 'egress' && entry !== null)
    .flatMap((rule) =>
      rule.peers.flatMap((peer, at): NarrowBlock[] => {
        const block = parseCidr(text(path(peer, 'ipBlock', 'cidr')));
        const isNarrow = block !== null && block.prefix >= FEWEST_BITS[block.family] && publicParts(block).length > 0;
        return isNarrow && list(path(peer, 'ipBlock', 'except')).length === 0 ? [{ rule, at, block }] : [];
      }),
    );
}

function namesOf(known: readonly KnownName[]): readonly string[] {
  return [...new Set(known.map(({ name }) => name))].sort();
}

function findingFor(context: AuditContext, { rule, at, block, known }: NamedBlock, fix: Fix): FindingDraft {
  const { ref, selected } = rule.policy;
  const [subject] = selected;
  const [first] = known;
  const { protocol, port } = rulePort(rule, null);
  return {
    title: `${objectLabel(ref)} allows the address of ${namesOf(known).join(', ')} by the block ${formatCidr(block)}`,
    scope: 'rule',
    object: ref,
    pointer: pointer(peerPointer(rule, at), 'ipBlock'),
    evidence: known.map(({ name, ip, toldBy }) => ({ what: name, value: `${formatIp(ip)}, by ${toldBy}` })),
    counterexample:
      subject === undefined || first === undefined
        ? null
        : context.flow(subject, externalEndpoint(first.ip), protocol, port),
    fix,
  };
}

/** One change for all the blocks of a policy. */
function byNameInstead(
  context: AuditContext,
  policy: PolicyView,
  named: readonly NamedBlock[],
  { kind, note, write }: NameRules,
): Fix {
  const names = namesOf(named.flatMap(({ known }) => known)).join(', ');
  const title = `let ${objectLabel(policy.ref)} allow ${names} by name`;
  const task = operatorTask(title, `by ${kind}: ${note}`);
  const rules: NamesSketch['rules'][number][] = [];
  for (const [rule, blocks] of groupBy(named, (one) => one.rule)) {
    const ports = sketchPorts(rule);
    if (ports === null) return task;
    rules.push({ names: namesOf(blocks.flatMap(({ known }) => known)), ports });
  }
  const { namespace, name } = policy.ref;
  const said = write(context, {
    namespace,
    name: freeName(context, namespace, `${name}-by-name`),
    podSelector: (field(policy.spec, 'podSelector') ?? {}) as JsonObject,
    rules,
  });
  if (said === null) return task;
  const closing = 'what else is in the blocks is closed by it';
  return applyObjects(title, [policyWith(policy, withoutBlocks(policy, named)), said], `${closing}; ${note}`);
}

/** Null for what not every kind can say: names of ports, ranges, every port of a protocol. */
function sketchPorts({ ports }: RuleView): readonly SketchPort[] | null {
  const said: SketchPort[] = [];
  for (const written of ports) {
    const port = field(written, 'port');
    if (typeof port !== 'number' || field(written, 'endPort') !== undefined) return null;
    said.push({ protocol: text(field(written, 'protocol')) || 'TCP', port });
  }
  return said;
}

/** A rule that loses its last peer goes: without peers it would allow everyone. */
function withoutBlocks(policy: PolicyView, named: readonly NamedBlock[]): JsonObject {
  return specOfRules(policy, (rule) => {
    const gone = named.filter((one) => one.rule === rule).map(({ at }) => at);
    if (gone.length === 0) return rule.raw;
    const to = rule.peers.filter((_, at) => !gone.includes(at));
    return to.length === 0 ? undefined : { ...(rule.raw as JsonObject), to };
  });
}
