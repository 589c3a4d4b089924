import { counted, explainFlow, isAtOdds, type ExplainedFlow, type PlacedFlow } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { NO_FLOWS } from '../context/audit-settings.js';
import { seenPairs } from '../context/seen-pair.js';
import { PODS_AND_POLICIES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** ENF-06. */
export const check = defineCheck({
  id: 'model-and-traffic-disagree',
  number: 'ENF-06',
  area: 'enforcement',
  core: false,
  title: 'traffic is not what policy says',
  description:
    'Holds flows that were seen against what policy and the network plugin make of them. Finds flows that were dropped though they are allowed, and flows that passed though they are denied; drops for another reason than policy, and flows that were seen only as they left, do not count.',
  remediation:
    'Find out which of the two is wrong: a policy that is younger than the flow, a connection older than the policy, a kind of policy that was not read, or a plugin that does not enforce.',
  severity: 'high',
  confidence: 'likely',
  scope: 'workload',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  settings: ['flows'],
  compliance: ['CIS-5.3.1', 'SC-7', 'SI-4'],
  references: [
    'https://docs.cilium.io/en/stable/observability/hubble/',
    'https://docs.tigera.io/calico/latest/observability/',
  ],
  run(context) {
    const { flows } = context;
    if (flows === null) return { outcome: 'skip', reason: NO_FLOWS };
    const findings = flows.flatMap((flow): FindingDraft[] => {
      const explained = explainFlow(context.snapshot, flow);
      return isAtOdds(explained.standing) ? [findingFor(context, flow, explained)] : [];
    });
    return conclude({ examined: flows.length, findings, nothing: 'the flows that were given hold none' });
  },
});

function findingFor(context: AuditContext, flow: PlacedFlow, explained: ExplainedFlow): FindingDraft {
  const { source, destination, protocol, port, seen, standing, count, lastSeen, told, why, hint } = explained;
  const [pair] = seenPairs(context.snapshot, flow);
  const service = port === null ? protocol : `${protocol} ${port}`;
  const object = [pair?.destination, pair?.source].find((endpoint) => endpoint?.kind === 'pod');
  return {
    title: `${source} → ${destination} on ${service} was ${seen}, and policy ${standing === 'dropped-though-allowed' ? 'allows' : 'denies'} it`,
    scope: 'workload',
    object: object === undefined ? null : workloadRef(object),
    pointer: `${source} ${service} ${seen}`,
    related: explained.rules.map(({ policy }) => policy),
    evidence: [
      { what: 'seen', value: `${counted(count, 'time')}${lastSeen === '' ? '' : `, last ${lastSeen}`}` },
      { what: 'policies that decided, as the source says', value: told.join(', ') || 'not told' },
      { what: 'policy', value: why },
    ],
    counterexample: pair === undefined ? null : context.flow(pair.source, pair.destination, flow.protocol, pair.port),
    fix: operatorTask(`find out why ${source} → ${destination} was ${seen}`, hint),
  };
}
