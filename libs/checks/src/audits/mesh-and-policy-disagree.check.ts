import { evaluateFlow, NO, objectLabel, pairFamilies, TCP } from '#engine';
import type { Endpoint, FlowDecision, ObjectRef, PolicySet } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import { PODS_AND_POLICIES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** MSH-05. */
export const check = defineCheck({
  id: 'mesh-and-policy-disagree',
  number: 'MSH-05',
  area: 'mesh',
  core: false,
  title: 'the mesh and network policy disagree about who may call a workload',
  description:
    'Asks the policies of the mesh and those of the network apart, for every workload that the mesh judges and each TCP port that it declares. Finds callers that a rule of the one lets in and the other denies; a side that lets strangers in as well singles nobody out.',
  remediation: 'Find out which of the two is meant, and make the other one say the same.',
  severity: 'low',
  confidence: 'likely',
  scope: 'workload',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['AC-4', 'CM-6'],
  references: ['https://istio.io/latest/docs/concepts/security/'],
  run(context) {
    const sides = apart(context.policySet);
    const receivers = context.workloads.flatMap(({ endpoints: [pod] }) =>
      pod !== undefined && isJudged(sides.mesh, pod) ? [pod] : [],
    );
    const findings = receivers.flatMap((receiver) => findingFor(context, receiver, sides) ?? []);
    return conclude({ examined: receivers.length, findings, nothing: 'no policy of a mesh judges a workload' });
  },
});

interface Sides {
  readonly mesh: PolicySet;
  readonly network: PolicySet;
}

interface Disagreement {
  readonly caller: Endpoint;
  readonly port: number;
  /** Who lets the caller in. */
  readonly by: keyof Sides;
  readonly policies: readonly ObjectRef[];
}

function apart(set: PolicySet): Sides {
  const of = (isMesh: boolean): PolicySet => ({
    ...set,
    gates: set.gates.filter(({ id }) => (id === 'mesh') === isMesh),
  });
  return { mesh: of(true), network: of(false) };
}

function isJudged({ gates }: PolicySet, pod: Endpoint): boolean {
  const entries = gates.flatMap(({ tiers }) => tiers.flatMap((tier) => tier.groups.ingress.groupsFor(pod).flat()));
  return entries.some(({ subject }) => subject(pod, pod) !== NO);
}

function findingFor(context: AuditContext, receiver: Endpoint, sides: Sides): FindingDraft | null {
  const ports = receiver.ports.filter(({ protocol, init }) => protocol === TCP && !init).map(({ port }) => port);
  const found = ports.flatMap((port) => disagreements(context, receiver, port, sides));
  const [first] = found;
  if (first === undefined) return null;
  const object = workloadRef(receiver);
  const callers = (by: keyof Sides): string =>
    nameObjects(found.filter((one) => one.by === by).map(({ caller }) => workloadRef(caller))) || 'none';
  return {
    title: `the mesh and network policy disagree about who may call ${objectLabel(object)}`,
    scope: 'workload',
    object,
    related: first.policies,
    evidence: [
      { what: 'let in by the mesh, denied by network policy', value: callers('mesh') },
      { what: 'let in by network policy, denied by the mesh', value: callers('network') },
    ],
    counterexample: context.flow(first.caller, receiver, TCP, first.port),
    fix: operatorTask(
      `make the mesh and network policy say the same of ${objectLabel(object)}`,
      'which of the two is meant cannot be told from the policies',
    ),
  };
}

function disagreements(context: AuditContext, receiver: Endpoint, port: number, sides: Sides): Disagreement[] {
  const decide = (by: keyof Sides, caller: Endpoint): FlowDecision | null => {
    const decisions = pairFamilies(caller, receiver).map((family) =>
      evaluateFlow(sides[by], caller, receiver, { protocol: TCP, port, family }),
    );
    return decisions.find(({ verdict }) => verdict === 'allow') ?? decisions[0] ?? null;
  };
  const isChoosy = (by: keyof Sides): boolean => decide(by, context.stranger)?.ingress.verdict === 'deny';
  const choosy = { mesh: isChoosy('mesh'), network: isChoosy('network') };
  if (!choosy.mesh && !choosy.network) return [];
  return context.workloads.flatMap(({ endpoints: [caller] }): Disagreement[] => {
    if (caller === undefined || caller === receiver) return [];
    const [mesh, network] = [decide('mesh', caller), decide('network', caller)];
    if (mesh === null || network === null) return [];
    const policies = [mesh, network].flatMap(({ ingress }) => ingress.determining.map(({ policy }) => policy));
    const differs = (by: keyof Sides, allows: FlowDecision, denies: FlowDecision): boolean =>
      choosy[by] && allows.ingress.verdict === 'allow' && denies.verdict === 'deny';
    if (differs('mesh', mesh, network)) return [{ caller, port, by: 'mesh', policies }];
    return differs('network', network, mesh) ? [{ caller, port, by: 'network', policies }] : [];
  });
}
