import {
  entryObjects,
  field,
  formatCidr,
  objectLabel,
  objectRef,
  pairFamilies,
  parseCidr,
  pointer,
  text,
} from '#engine';
import type { Cidr, Endpoint, ObjectRef, ServiceFact } from '#engine';

import { firstAddress, oneOfEachFamily } from '../context/example-address.js';
import type { AuditContext } from '../context/audit-context.js';
import { peerPointer, type RuleView } from '../context/policy-view.js';
import { rulePort } from '../context/rule-ports.js';
import { servedBy } from '../context/service-backends.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COR-16. */
export const check = defineCheck({
  id: 'client-ip-lost',
  number: 'COR-16',
  area: 'correctness',
  core: false,
  title: 'a rule admits clients by an address that is rewritten before policy sees it',
  description:
    'Finds ingress rules with a block of addresses on pods behind a Service of type NodePort or LoadBalancer whose external traffic policy is Cluster: the node that takes the connection may put its own address in the place of the client’s. So does the proxy of an Ingress, Route or Gateway that leads to the pods.',
  remediation: 'Set the external traffic policy to Local, or admit the nodes and check the client further in front.',
  severity: 'medium',
  confidence: 'likely',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: [...PODS_AND_NETWORK_POLICIES, 'Service', 'EndpointSlice.discovery.k8s.io'],
  compliance: ['PCI-1.2.1', 'CM-6'],
  references: ['https://kubernetes.io/docs/tutorials/services/source-ip/', REFERENCES.service],
  run(context) {
    const findings: FindingDraft[] = [];
    const hiders = hidersOf(context);
    let examined = 0;
    const rules = context.networkPolicies.flatMap((policy) => policy.rules);
    for (const rule of rules.filter(({ direction }) => direction === 'ingress')) {
      const blocks = rule.peers.flatMap((peer, at) => {
        const block = parseCidr(text(field(field(peer, 'ipBlock'), 'cidr')));
        return block === null ? [] : [{ at, block }];
      });
      if (blocks.length === 0) continue;
      examined++;
      const hidden = oneOfEachFamily(rule.policy.selected.filter((pod) => hiders(pod).length > 0));
      const [shown] = hidden.flatMap((pod) => {
        const named = blocks.find(({ block }) => pairFamilies(firstAddress(block), pod).length > 0);
        return named === undefined ? [] : [{ ...named, pod, by: hiders(pod) }];
      });
      if (shown !== undefined) findings.push(findingFor(context, rule, shown));
    }
    return conclude({ examined, findings, nothing: 'no ingress rule has a block of addresses' });
  },
});

/** What stands between a client and a pod, and shows the pod another address than the client's. */
interface Hider {
  readonly object: ObjectRef;
  readonly why: string;
  readonly remedy: string;
}

function findingFor(
  context: AuditContext,
  rule: RuleView,
  { at, block, pod, by }: { at: number; block: Cidr; pod: Endpoint; by: readonly Hider[] },
): FindingDraft {
  const { protocol, port } = rulePort(rule, pod);
  const names = by.map(({ object }) => `${object.kind} ${objectLabel(object)}`).join(', ');
  return {
    title: `${objectLabel(rule.policy.ref)} admits ${formatCidr(block)}, and ${names} may hide who calls`,
    scope: 'rule',
    object: rule.policy.ref,
    pointer: pointer(peerPointer(rule, at), 'ipBlock'),
    related: by.map(({ object }) => object),
    evidence: by.map(({ object, why }) => ({ what: `${object.kind} ${objectLabel(object)}`, value: why })),
    counterexample: context.flow(firstAddress(block), pod, protocol, port),
    fix: operatorTask(
      [...new Set(by.map(({ remedy }) => remedy))].join('; '),
      'a Service with the policy Local sends connections to pods of the node that takes them only',
    ),
  };
}

/** By pod: Services that are called through nodes, and what a proxy inside the cluster serves. */
function hidersOf({ snapshot }: AuditContext): (pod: Endpoint) => readonly Hider[] {
  const proxied = new Map<Endpoint, Map<string, Hider>>();
  for (const { object, seenAs, backends } of entryObjects(snapshot)) {
    if (seenAs !== 'proxy') continue;
    const label = `${object.kind} ${objectLabel(object)}`;
    const hider = { object, why: 'its proxy calls in the place of the client', remedy: `admit the proxy of ${label}` };
    for (const { endpoint } of backends) {
      const known = proxied.get(endpoint) ?? new Map<string, Hider>();
      proxied.set(endpoint, known.set(label, hider));
    }
  }
  return (pod) => [
    ...servedBy(snapshot, pod)
      .filter(rewrites)
      .map(({ meta, serviceType, externalTrafficPolicy }) => ({
        object: objectRef(meta),
        why: `${serviceType} with external traffic policy ${externalTrafficPolicy}`,
        remedy: `set externalTrafficPolicy of ${objectLabel(meta)} to Local`,
      })),
    ...(proxied.get(pod)?.values() ?? []),
  ];
}

/** A Service that is called from outside through nodes that may rewrite who calls. */
function rewrites({ serviceType, externalTrafficPolicy }: ServiceFact): boolean {
  return (serviceType === 'NodePort' || serviceType === 'LoadBalancer') && externalTrafficPolicy === 'Cluster';
}
