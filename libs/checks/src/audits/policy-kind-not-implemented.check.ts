import { counted, ignoredKinds, POLICY_KINDS, policyKindOf } from '#engine';
import type { PolicyFact, PolicyKind } from '#engine';

import { nameObjects } from '../context/audit-context.js';
import { PODS, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** ENF-04. */
export const check = defineCheck({
  id: 'policy-kind-not-implemented',
  number: 'ENF-04',
  area: 'enforcement',
  core: false,
  title: 'policies are of a kind that the network plugin ignores',
  description:
    'Finds policies of kinds that the detected engine does not implement in this version and with these settings: they are stored and nothing comes of them. Staged previews, which never ask to be enforced, are left out.',
  remediation: 'Write the policy in a kind that the engine enforces, or switch the support on.',
  severity: 'high',
  confidence: 'certain',
  scope: 'cluster',
  reads: 'compiled',
  needs: [...PODS, 'DaemonSet.apps', ...POLICY_KINDS],
  compliance: ['CIS-5.3.1', 'SC-7'],
  references: [REFERENCES.concepts, 'https://network-policy-api.sigs.k8s.io/'],
  run(context) {
    const { cni, index } = context.snapshot;
    const byKind = new Map<PolicyKind, PolicyFact[]>();
    for (const fact of index.policies) {
      const kind = policyKindOf(fact.meta);
      if (kind === null || kind.startsWith('Staged')) continue;
      byKind.set(kind, [...(byKind.get(kind) ?? []), fact]);
    }
    if (byKind.size > 0 && cni.enforced === 'no') {
      return { outcome: 'not-applicable', reason: `${cni.title} enforces no policy of any kind` };
    }
    const ignored = ignoredKinds(cni, byKind.keys());
    const findings = ignored
      .filter(({ support }) => support === 'no')
      .map(({ kind, why }): FindingDraft => {
        const facts = byKind.get(kind) ?? [];
        const [first] = facts;
        return {
          title: `${cni.title} ignores ${counted(facts.length, 'policy', 'policies')} of kind ${kind}`,
          scope: 'cluster',
          object:
            first === undefined ? null : { group: first.meta.group, kind: first.meta.kind, namespace: '', name: kind },
          related: facts.map(({ meta: { group, kind: own, namespace, name } }) => ({
            group,
            kind: own,
            namespace,
            name,
          })),
          evidence: [
            { what: 'why', value: why },
            { what: 'policies', value: nameObjects(facts.map((fact) => fact.meta)) },
          ],
          counterexample: null,
          fix: operatorTask(`write what ${kind} says in a kind that ${cni.title} enforces`, ''),
        };
      });
    const open = ignored.filter(({ support }) => support === 'unknown').map(({ kind, why }) => `${kind}: ${why}`);
    return conclude({ examined: byKind.size, findings, open, nothing: 'there are no policies' });
  },
});
