import { counted, objectKey, objectLabel, parsePeer, protocolByName, resolvePeer } from '#engine';
import type { DriftEntryView, Endpoint, JsonObject, ObjectDriftView, PolicyFact } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import type { Declared } from '../context/audit-settings.js';
import { PODS_AND_POLICIES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import type { Fix } from '../fix/fix.js';
import { applyObjects, deletePolicy, operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** HYG-07. */
export const check = defineCheck({
  id: 'drift-from-declared',
  number: 'HYG-07',
  area: 'hygiene',
  core: false,
  title: 'a policy that runs does not do what is declared for it',
  description:
    'Compares the policies that run with the baseline of the cluster, declared as manifests or as an approved snapshot, by what they let through. Finds policies whose difference opens or closes something; one that is written otherwise and means the same is no drift.',
  remediation: 'Bring the declared policy back, or declare what runs once it has been approved.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'policy',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  settings: ['declared'],
  compliance: ['PCI-1.2.8', 'CM-3'],
  references: ['https://www.pcisecuritystandards.org/document_library/'],
  run(context) {
    const { declared } = context.settings;
    if (declared === null)
      return {
        outcome: 'skip',
        reason: 'nothing is declared for this cluster: set a baseline, or give one by --baseline',
      };
    const policies = declared.report.objects.filter(({ meaning }) => meaning !== null);
    const findings = policies.flatMap((policy): FindingDraft[] => findingFor(context, declared, policy) ?? []);
    const examined = declared.policies.length + policies.length;
    return conclude({ examined, findings, nothing: `${declared.name} declares no policy, and none runs` });
  },
});

function findingFor(context: AuditContext, declared: Declared, policy: ObjectDriftView): FindingDraft[] | null {
  const key = objectKey(policy.object);
  const effects = declared.report.entries.filter(({ causes }) =>
    causes.some(({ object }) => object !== null && objectKey(object) === key),
  );
  const [worst] = effects;
  if (worst === undefined) return null;
  const what = { added: 'is not declared', removed: 'is declared and not there', changed: 'is declared otherwise' };
  return [
    {
      title: `${policy.object.kind} ${objectLabel(policy.object)} ${what[policy.type]}`,
      severity: effects.some(({ dangerous }) => dangerous) ? 'medium' : 'low',
      scope: 'policy',
      object: policy.object,
      evidence: [
        { what: 'declared by', value: declared.name },
        { what: counted(effects.length, 'difference'), value: worst.summary },
        ...policy.patch.slice(0, MOST_LINES).map(({ path, before, after }) => ({
          what: path,
          value: `${before ?? 'nothing'} → ${after ?? 'nothing'}`,
        })),
      ],
      counterexample: exampleOf(context, effects.find(({ example }) => example !== null) ?? worst),
      fix: backToDeclared(declared, policy),
    },
  ];
}

const MOST_LINES = 5;

function exampleOf(context: AuditContext, { example }: DriftEntryView): FindingDraft['counterexample'] {
  const [source, destination] = [example?.from, example?.to].map((name) => endpointNamed(context, name ?? ''));
  const protocol = protocolByName(example?.protocol ?? '');
  if (example === null || protocol === null || !source || !destination) return null;
  return context.flow(source, destination, protocol, example.port);
}

function endpointNamed({ snapshot }: AuditContext, name: string): Endpoint | undefined {
  const parsed = parsePeer(name);
  const found = 'peer' in parsed ? resolvePeer(snapshot, parsed.peer, 'source') : null;
  return found?.type === 'endpoints' ? found.endpoints[0] : undefined;
}

function backToDeclared({ name, policies }: Declared, { object, type }: ObjectDriftView): Fix {
  const title = `bring ${objectLabel(object)} back to what ${name} declares`;
  const fact = policies.find(({ meta }) => objectKey(meta) === objectKey(object));
  if (fact !== undefined) return applyObjects(title, [objectOf(fact)]);
  return type === 'added' && object.kind === 'NetworkPolicy' && object.group === 'networking.k8s.io'
    ? deletePolicy(object, `or declare it in ${name}`)
    : operatorTask(title, '');
}

function objectOf({ meta, raw }: PolicyFact): JsonObject {
  const { group, version, kind, namespace, name, labels } = meta;
  const { status: _, ...written } = raw;
  return {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: { name, ...(namespace === '' ? {} : { namespace }), labels: { ...labels } },
    ...written,
  };
}
