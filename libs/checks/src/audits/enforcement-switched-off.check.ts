import { policyKindOf } from '#engine';

import { nameObjects } from '../context/audit-context.js';
import { REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** ENF-03. */
export const check = defineCheck({
  id: 'enforcement-switched-off',
  number: 'ENF-03',
  area: 'enforcement',
  core: false,
  title: 'an engine that could enforce policy is told not to',
  description:
    'Finds Cilium with `enable-policy: never` or in audit mode, where denials are logged and let pass, and Calico policies that exist as staged previews only.',
  remediation:
    'Switch enforcement on again; turn staged policies into the kind that is enforced once their effect is known.',
  severity: 'critical',
  confidence: 'certain',
  scope: 'cluster',
  reads: 'compiled',
  needs: ['Pod', 'DaemonSet.apps', 'ConfigMap'],
  compliance: ['CIS-5.3.1', 'SC-7'],
  references: [REFERENCES.concepts, 'https://docs.cilium.io/en/stable/security/policy/intro/'],
  run(context) {
    const { cni, index } = context.snapshot;
    const findings: FindingDraft[] = [];
    const off = switchedOff(cni.options);
    if (off !== null) {
      findings.push({
        title: `cilium-config has \`${off}\`, so policy is not enforced`,
        scope: 'cluster',
        object: { group: '', kind: 'ConfigMap', namespace: 'kube-system', name: 'cilium-config' },
        pointer: `/data/${off.split(': ')[0] ?? ''}`,
        evidence: [
          { what: 'setting', value: off },
          { what: 'policies', value: String(index.policies.length) },
        ],
        counterexample: null,
        fix: operatorTask('switch enforcement on', 'plan it: policies take effect at once'),
      });
    }
    const staged = index.policies.filter((fact) => policyKindOf(fact.meta)?.startsWith('Staged') === true);
    if (staged.length > 0 && staged.length === index.policies.length) {
      findings.push({
        title: `all ${staged.length} policies are staged previews`,
        severity: 'high',
        scope: 'cluster',
        object: null,
        evidence: [{ what: 'staged', value: nameObjects(staged.map((fact) => fact.meta)) }],
        counterexample: null,
        fix: operatorTask('enforce the staged policies', 'look at what they would deny first'),
      });
    }
    if (findings.length === 0 && cni.policyEngine === 'unknown') {
      return { outcome: 'unknown', reason: 'which engine enforces policy cannot be told' };
    }
    return conclude({ examined: 1, findings, nothing: '' });
  },
});

function switchedOff(options: Readonly<Record<string, string>>): string | null {
  if (options['enable-policy'] === 'never') return 'enable-policy: never';
  return options['policy-audit-mode'] === 'true' ? 'policy-audit-mode: true' : null;
}
