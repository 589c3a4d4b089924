import { externalEndpoint, field, isObject, list, objectLabel, TCP, text, followEndpoints } from '#engine';
import type { AuxFact, Endpoint, Json } from '#engine';

import { apiServer } from '../context/api-server.js';
import { nameObjects, type AuditContext } from '../context/audit-context.js';
import { PODS_AND_POLICIES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { allowFlow } from '../fix/allow-flow.js';
import { conclude, type FindingDraft } from '../model/finding.js';
import type { Severity } from '../model/severity.js';

const CALLERS = [
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io',
  'MutatingWebhookConfiguration.admissionregistration.k8s.io',
  'APIService.apiregistration.k8s.io',
] as const;

/** DEP-05. */
export const check = defineCheck({
  id: 'admission-or-apiservice-blocked',
  number: 'DEP-05',
  area: 'dependencies',
  core: false,
  title: 'the API server may not reach a webhook or an API that it serves',
  description:
    'Takes the Services that webhook configurations and APIServices name, after translation to pods and their ports, and asks whether the addresses of the API server may reach them: it is no pod, so that no selector admits it. Finds Services with no pod that it may reach. A webhook whose failure policy is Fail then stops every change that it is asked about.',
  remediation: 'Admit the addresses of the control plane on the port that the pods listen on.',
  severity: 'critical',
  confidence: 'likely',
  scope: 'workload',
  reads: 'compiled',
  needs: [...PODS_AND_POLICIES, 'Service', 'EndpointSlice.discovery.k8s.io', ...CALLERS],
  compliance: [],
  references: [
    'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/',
    'https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/',
  ],
  run(context) {
    const calls = CALLERS.flatMap((kind) => context.snapshot.index.aux.get(kind) ?? []).flatMap(callsOf);
    if (calls.length === 0) {
      return { outcome: 'not-applicable', reason: 'no webhook and no APIService leads to a Service' };
    }
    const server = apiServer(context);
    if (server === null)
      return { outcome: 'skip', reason: 'the endpoints of default/kubernetes are not in the inventory' };
    const sources = server.addresses.map(externalEndpoint);
    const found = calls.map((call) => findingFor(context, call, sources));
    const open = found.filter((one) => typeof one === 'string');
    const findings = found.flatMap((one): FindingDraft[] => (one === null || typeof one === 'string' ? [] : [one]));
    return conclude({ examined: calls.length, findings, open, nothing: '' });
  },
});

interface Call {
  readonly caller: AuxFact;
  /** Name of the webhook in its configuration; '' for an APIService. */
  readonly webhook: string;
  readonly service: { readonly namespace: string; readonly name: string };
  readonly port: number;
  readonly severity: Severity;
}

function callsOf(caller: AuxFact): Call[] {
  const call = (service: Json | undefined, webhook: string, severity: Severity): Call[] =>
    isObject(service)
      ? [
          {
            caller,
            webhook,
            service: { namespace: text(service['namespace']), name: text(service['name']) },
            port: Number(service['port']),
            severity,
          },
        ]
      : [];
  const hooks = list(field(caller.raw, 'webhooks')).flatMap((hook) => {
    const stops = field(hook, 'failurePolicy') === 'Fail';
    return call(field(hook, 'service'), text(field(hook, 'name')), stops ? 'critical' : 'high');
  });
  return [...hooks, ...call(field(caller.raw, 'service'), '', 'critical')];
}

/** Null for a call that gets through; a line for one that cannot be told. */
function findingFor(context: AuditContext, call: Call, sources: readonly Endpoint[]): FindingDraft | string | null {
  const { caller, webhook, severity, port } = call;
  const label = objectLabel(call.service);
  const service = context.snapshot.index.services.get(label);
  const target = service === undefined ? null : followEndpoints(context.snapshot, service, TCP, port);
  if (target?.type !== 'backends') return `Service ${label} of ${caller.meta.name} leads to no ready pod`;
  const pods = target.backends.flatMap(({ endpoint, port: at }) =>
    endpoint.kind === 'pod' && at !== null ? [{ endpoint, at }] : [],
  );
  const isOpen = pods.some(({ endpoint, at }) =>
    sources.some((source) => context.verdict(source, endpoint, TCP, at) !== 'deny'),
  );
  const [[first], [source]] = [pods, sources];
  if (isOpen || first === undefined || source === undefined) return null;
  const { group, kind, namespace, name } = caller.meta;
  const fix = allowFlow(context, source, first.endpoint, { protocol: TCP, port: first.at });
  return {
    title: `the API server may not reach Service ${label}, which ${kind} ${name} names`,
    severity,
    scope: 'workload',
    object: workloadRef(first.endpoint),
    pointer: webhook === '' ? `${kind} ${name}` : `${kind} ${name}/${webhook}`,
    related: [{ group, kind, namespace, name }],
    evidence: [
      { what: 'called by the API server', value: webhook === '' ? `${kind} ${name}` : `webhook ${webhook} of ${name}` },
      { what: 'listens', value: `${nameObjects(pods.map((pod) => workloadRef(pod.endpoint)))}, port ${first.at}` },
    ],
    counterexample: context.flow(source, first.endpoint, TCP, first.at),
    fix: fix === null ? null : { ...fix, note: 'bound to addresses: say it anew when the control plane moves' },
  };
}
