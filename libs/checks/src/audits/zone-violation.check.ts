import { objectLabel, TCP } from '#engine';
import type { Endpoint } from '#engine';

import { somePort, type AuditContext } from '../context/audit-context.js';
import { withoutRule } from '../context/open-rules.js';
import { PODS_AND_POLICIES } from '../context/sources.js';
import type { WorkloadView } from '../context/workload-view.js';
import { ZONE, zoneOf } from '../context/zones.js';
import { defineCheck } from '../define-check.js';
import { defaultDeny } from '../fix/default-deny.js';
import type { Fix } from '../fix/fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** Annotation of a namespace: the zones that it may open connections to, with commas between; its own always. */
const REACHES = 'netpol-atlas/zone-reaches';

/** EXP-08. */
export const check = defineCheck({
  id: 'zone-violation',
  number: 'EXP-08',
  area: 'exposure',
  core: false,
  title: 'a zone may be reached from a zone that was declared apart from it',
  description:
    'Zones are what owners say by the label or annotation netpol-atlas/zone of a namespace or pod; netpol-atlas/zone-reaches of a namespace lists the zones that it may open connections to. Asks every pair of workloads of two zones on the ports that the receiver declares, and finds pairs of zones that are connected though nobody said that they may be.',
  remediation: 'Close the way between the two, or declare it in netpol-atlas/zone-reaches of the sending namespace.',
  severity: 'high',
  confidence: 'certain',
  scope: 'cluster',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: ['PCI-11.4.5', 'SC-7(21)', 'A.8.22'],
  references: ['https://csrc.nist.gov/projects/cprt/catalog#/cprt/framework/version/SP_800_53_5_1_1/home'],
  run(context) {
    const zoned = context.workloads.flatMap((workload) => {
      const [pod] = workload.endpoints;
      const zone = pod === undefined ? '' : zoneOf(context, pod);
      return pod === undefined || zone === '' ? [] : [{ workload, pod, zone }];
    });
    const zones = [...new Set(zoned.map(({ zone }) => zone))];
    if (zones.length < 2) return { outcome: 'not-applicable', reason: `nobody declared two zones by ${ZONE}` };
    const found = new Map<string, FindingDraft>();
    for (const from of zoned) {
      for (const to of zoned) {
        const key = `${from.zone} → ${to.zone}`;
        if (from.zone === to.zone || found.has(key) || mayReach(context, from.pod, to.zone)) continue;
        const finding = findingFor(context, key, from, to);
        if (finding !== null) found.set(key, finding);
      }
    }
    return conclude({ examined: zoned.length, findings: [...found.values()], nothing: 'no zone has a workload' });
  },
});

interface Zoned {
  readonly workload: WorkloadView;
  readonly pod: Endpoint;
  readonly zone: string;
}

function mayReach(context: AuditContext, { namespace }: Endpoint, zone: string): boolean {
  const listed = context.snapshot.index.namespaces.get(namespace)?.meta.annotations[REACHES] ?? '';
  return listed.split(',').some((each) => each.trim() === zone);
}

function findingFor(context: AuditContext, zones: string, from: Zoned, to: Zoned): FindingDraft | null {
  const declared = to.pod.ports.filter(({ init }) => !init);
  const asked = declared.length === 0 ? [{ protocol: TCP, port: somePort(to.pod) }] : declared;
  const open = asked.find(({ protocol, port }) => context.verdict(from.pod, to.pod, protocol, port) === 'allow');
  if (open === undefined) return null;
  return {
    title: `zone ${from.zone} may reach zone ${to.zone}`,
    scope: 'cluster',
    object: null,
    pointer: zones,
    related: [from.workload.ref, to.workload.ref],
    evidence: [
      { what: `of ${from.zone}`, value: objectLabel(from.workload.ref) },
      { what: `of ${to.zone}`, value: objectLabel(to.workload.ref) },
    ],
    counterexample: context.flow(from.pod, to.pod, open.protocol, open.port),
    fix: closing(context, from, to, open),
  };
}

/** The rule that lets it in goes; where none speaks, the namespace is closed. */
function closing(
  context: AuditContext,
  from: Zoned,
  to: Zoned,
  { protocol, port }: { readonly protocol: number; readonly port: number },
): Fix | null {
  const { namespace } = to.workload;
  if (context.isolation(to.pod, 'ingress').isolated === 'no') return defaultDeny(context, namespace, ['ingress']);
  const [rule] = context.decide(from.pod, to.pod, protocol, port)?.ingress.determining ?? [];
  return rule === undefined ? null : withoutRule(context, rule.policy, rule.pointer);
}
