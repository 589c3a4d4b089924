import { pointer } from '#engine';
import type { Json } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { keysOfNobody, NAME_LABEL, type AskedKey } from '../context/namespace-keys.js';
import { peerPointer, type RuleView } from '../context/policy-view.js';
import { rulePort } from '../context/rule-ports.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { replaceSpec, specWith } from '../fix/make-fix.js';
import type { Fix } from '../fix/fix.js';
import { conclude, type Counterexample, type FindingDraft } from '../model/finding.js';

/** COR-09. */
export const check = defineCheck({
  id: 'namespace-label-absent',
  number: 'COR-09',
  area: 'correctness',
  core: false,
  title: 'a namespace selector asks for a label that no namespace has',
  description:
    'Finds namespace selectors with a key that not one namespace carries, above all `name`, which nothing sets: the peer matches nobody, and whoever may label a namespace later decides who it is.',
  remediation: 'Select namespaces by `kubernetes.io/metadata.name`, which every namespace carries, or set the label.',
  severity: 'high',
  confidence: 'certain',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['PCI-1.2.1', 'CM-6'],
  references: [REFERENCES.concepts, REFERENCES.namespaces],
  run(context) {
    const findings: FindingDraft[] = [];
    const open: string[] = [];
    const unknown = context.namespaces.filter(({ name }) => !context.snapshot.index.namespaces.has(name));
    let examined = 0;
    for (const rule of context.networkPolicies.flatMap((policy) => policy.rules)) {
      for (const [at, peer] of rule.peers.entries()) {
        examined++;
        const [missing] = keysOfNobody(context, peer);
        if (missing === undefined) continue;
        if (unknown.length === 0) findings.push(findingFor(context, rule, at, missing));
        else open.push(`whether ${unknown.map(({ name }) => name).join(', ')} has \`${missing.key}\` cannot be told`);
      }
    }
    return conclude({ examined, findings, open, nothing: 'no rule has a peer' });
  },
});

function findingFor(context: AuditContext, rule: RuleView, at: number, missing: AskedKey): FindingDraft {
  const { namespace, name } = rule.policy.ref;
  const { key, value } = missing;
  return {
    title: `${namespace}/${name} selects namespaces by \`${key}\`, which none has`,
    scope: 'rule',
    object: rule.policy.ref,
    pointer: pointer(peerPointer(rule, at), 'namespaceSelector'),
    evidence: [
      { what: 'asked for', value: value === '' ? key : `${key}=${value}` },
      { what: 'namespaces', value: [...context.snapshot.index.namespaces.keys()].join(', ') },
    ],
    counterexample: deniedFlow(context, rule, value),
    fix: byName(context, rule, at, missing),
  };
}

/** What was probably meant and is denied: a pod of the namespace that has the value as its name. */
function deniedFlow(context: AuditContext, rule: RuleView, value: string): Counterexample | null {
  const peer = context.pods.find((pod) => pod.namespace === value);
  const [subject] = rule.policy.selected;
  if (peer === undefined || subject === undefined) return null;
  const [source, destination] = rule.direction === 'ingress' ? [peer, subject] : [subject, peer];
  const { protocol, port } = rulePort(rule, destination);
  return context.flow(source, destination, protocol, port);
}

/** Where the value is a namespace's name and stands among `matchLabels`, the key is rewritten. */
function byName(context: AuditContext, rule: RuleView, at: number, { key, value }: AskedKey): Fix | null {
  if (!context.snapshot.index.namespaces.has(value)) return null;
  const labels = pointer(peerPointer(rule, at), 'namespaceSelector', 'matchLabels');
  const written = (rule.peers[at] as { namespaceSelector?: { matchLabels?: Record<string, Json> } }).namespaceSelector;
  if (written?.matchLabels?.[key] === undefined) return null;
  const { [key]: _, ...others } = written.matchLabels;
  const spec = specWith(rule.policy, labels, { ...others, [NAME_LABEL]: value });
  return replaceSpec(rule.policy, `select ${value} by ${NAME_LABEL}`, spec);
}
