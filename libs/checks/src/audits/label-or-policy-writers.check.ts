import { objectLabel, WATCHED_KINDS } from '#engine';
import type { Json } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { grantsOf, RIGHTS, ruleAllows, type Grant, type RightsSubject } from '../context/rights.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** Annotation of a binding that says why those whom it names may change policy. */
const ACCEPTED = 'netpol-atlas/policy-writer';

/** BYP-05. */
export const check = defineCheck({
  id: 'label-or-policy-writers',
  number: 'BYP-05',
  area: 'bypass',
  core: false,
  title: 'someone outside the platform may change policies, or labels that policies go by',
  description:
    'Reads roles and their bindings. Finds subjects other than components of Kubernetes and service accounts of the platform who may write policies of any kind, or change the labels of namespaces or pods: to change a label is to change access.',
  remediation:
    'Take the right away, or annotate the binding with netpol-atlas/policy-writer and the reason why it is needed.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'cluster',
  reads: 'compiled',
  needs: RIGHTS,
  compliance: ['KSV-0056', 'AC-6'],
  references: ['https://kubernetes.io/docs/concepts/security/rbac-good-practices/'],
  run(context) {
    const grants = grantsOf(context);
    if (grants.length === 0)
      return { outcome: 'skip', reason: 'there are no role bindings: manifests seldom have them' };
    const findings = grants.flatMap((grant): FindingDraft[] => findingFor(context, grant) ?? []);
    return conclude({ examined: grants.length, findings, nothing: '' });
  },
});

function findingFor(context: AuditContext, grant: Grant): FindingDraft[] | null {
  const { binding, role } = grant;
  const subjects = grant.subjects.filter((subject) => !isOfPlatform(context, subject));
  const rights = RIGHTS_LOOKED_FOR.filter(({ resources, verbs }) => allowsAny(grant.rules, resources, verbs));
  const [first] = subjects;
  if (first === undefined || rights.length === 0 || (binding.meta.annotations[ACCEPTED] ?? '') !== '') return null;
  const where = binding.meta.namespace === '' ? 'everywhere' : `in ${binding.meta.namespace}`;
  const { group, kind, namespace, name } = binding.meta;
  const others = subjects.length === 1 ? '' : ` and ${subjects.length - 1} more`;
  return [
    {
      title: `${subjectText(first)}${others} may change ${rights.map(({ what }) => what).join(', ')} ${where}`,
      severity: subjects.some(isAnyone) ? 'high' : 'medium',
      scope: namespace === '' ? 'cluster' : 'namespace',
      object: { group, kind, namespace, name },
      evidence: [
        { what: 'by', value: `${kind} ${objectLabel(binding.meta)}, which gives ${role}` },
        { what: 'to', value: subjects.map(subjectText).join(', ') },
      ],
      counterexample: null,
      fix: operatorTask(`give ${role} to the platform team alone`, ''),
    },
  ];
}

interface Resource {
  readonly group: string;
  readonly resource: string;
}

const CHANGES = ['update', 'patch'] as const;
const RIGHTS_LOOKED_FOR = [
  {
    what: 'policies',
    resources: WATCHED_KINDS.filter(({ role }) => role === 'policy'),
    verbs: [...CHANGES, 'create', 'delete', 'deletecollection'],
  },
  { what: 'labels of namespaces', resources: [{ group: '', resource: 'namespaces' }], verbs: CHANGES },
  { what: 'labels of pods', resources: [{ group: '', resource: 'pods' }], verbs: CHANGES },
] as const;

function allowsAny(rules: readonly Json[], resources: readonly Resource[], verbs: readonly string[]): boolean {
  return resources.some(({ group, resource }) => rules.some((rule) => ruleAllows(rule, group, resource, verbs)));
}

/** Groups that everyone, or every pod, is in. */
const ANYONE: ReadonlySet<string> = new Set([
  'system:authenticated',
  'system:unauthenticated',
  'system:anonymous',
  'system:serviceaccounts',
]);

function isAnyone({ name }: RightsSubject): boolean {
  return ANYONE.has(name);
}

const ACCOUNTS_OF = 'system:serviceaccounts:';

function isOfPlatform(context: AuditContext, subject: RightsSubject): boolean {
  const { kind, namespace, name } = subject;
  if (kind === 'ServiceAccount') return context.isSystem(namespace);
  if (name.startsWith(ACCOUNTS_OF)) return context.isSystem(name.slice(ACCOUNTS_OF.length));
  return name.startsWith('system:') && !isAnyone(subject);
}

function subjectText(subject: RightsSubject): string {
  return `${subject.kind} ${objectLabel(subject)}`;
}
