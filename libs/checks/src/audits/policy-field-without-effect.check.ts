import { lackingFields, objectLabel, POLICY_KINDS, policyKindOf } from '#engine';
import type { Diagnostic, LackingField } from '#engine';

import { PODS, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** The kind whose fields ENF-05 holds against the plugin, with flows that show it. */
const COVERED = 'NetworkPolicy.networking.k8s.io';

/** ENF-07. */
export const check = defineCheck({
  id: 'policy-field-without-effect',
  number: 'ENF-07',
  area: 'enforcement',
  core: false,
  title: 'a field of a policy is refused, dropped, or not implemented here',
  description:
    'Finds fields of policies that an API server or an engine refuses, fields that no version of the kind has and that are dropped, and fields of the kinds of Cilium, Calico, Antrea and the Network Policy API that the detected plugin, by its version and settings, does not implement as they are written. Fields of NetworkPolicy that plugins differ in are in `feature-not-implemented`.',
  remediation: 'Mend what is refused, and use what the version has, or update to the version that is named.',
  severity: 'high',
  confidence: 'certain',
  scope: 'policy',
  reads: 'compiled',
  needs: [...PODS, 'DaemonSet.apps', ...POLICY_KINDS],
  compliance: ['CIS-5.3.1', 'SC-7'],
  references: [REFERENCES.concepts, 'https://network-policy-api.sigs.k8s.io/'],
  run({ snapshot }) {
    const { cni, index, diagnostics } = snapshot;
    const lacking = lackingFields(cni, index.policies).filter(
      ({ policy, pointer }) => pointer !== '' && policyKindOf(policy) !== COVERED,
    );
    const findings = [...diagnostics.flatMap(refused), ...lacking.map((field) => notImplemented(field, cni.title))];
    const examined = index.policies.length + index.rejected.filter(({ meta }) => policyKindOf(meta) !== null).length;
    return conclude({ examined, findings, nothing: 'there are no policies' });
  },
});

function refused({ object, pointer, message, class: weight, code }: Diagnostic): FindingDraft[] {
  if (object === null || policyKindOf(object) === null) return [];
  const isDropped = code.endsWith('.unknown_field');
  if (weight !== 'error' && !isDropped) return [];
  const where = pointer === '' ? objectLabel(object) : `${objectLabel(object)} ${pointer}`;
  return [
    {
      title: `${where}: ${message}`,
      severity: isDropped ? 'medium' : 'high',
      scope: 'policy',
      object,
      pointer,
      evidence: [
        { what: isDropped ? 'dropped' : 'refused', value: message },
        { what: 'diagnostic', value: code },
      ],
      counterexample: null,
      fix: operatorTask(`write ${where} as the kind has it`, ''),
    },
  ];
}

function notImplemented({ policy, pointer, deviation, why, needs, source }: LackingField, cni: string): FindingDraft {
  return {
    title: `${objectLabel(policy)} ${pointer}: ${cni} does not implement it as written: ${why}`,
    severity: 'medium',
    scope: 'policy',
    object: policy,
    pointer,
    evidence: [
      { what: 'network plugin', value: cni },
      { what: 'what it makes of it', value: deviation },
      ...(needs === '' ? [] : [{ what: 'it takes', value: needs }]),
      { what: 'source', value: source },
    ],
    counterexample: null,
    fix: operatorTask(`write ${objectLabel(policy)} without ${pointer}${needs === '' ? '' : `, or have ${needs}`}`, ''),
  };
}
