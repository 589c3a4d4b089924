import { counted, explainFlow, isAtOdds, objectKey, type ExplainedFlow, type PlacedFlow } from '#engine';

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
    'Holds flows that were seen against what policy and the network plugin make of them. Finds flows that were dropped though they are allowed, and flows that passed though they are denied; drops for another reason than policy, flows that were seen only as they left, and flows that are older than a policy of either side do not count; one that was seen before and after such a policy was made may be a connection that lasted, and is a guess.',
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
    const made = new Map(context.snapshot.index.policies.map(({ meta }) => [objectKey(meta), meta.createdAt]));
    const findings = flows.flatMap((flow): FindingDraft[] => {
      const explained = explainFlow(context.snapshot, flow);
      if (!isAtOdds(explained.standing)) return [];
      const changed = lastChange(context, flow, made);
      return isBefore(flow.lastSeen, changed) ? [] : [findingFor(context, flow, explained, changed)];
    });
    return conclude({ examined: flows.length, findings, nothing: 'the flows that were given hold none' });
  },
});

/** When the youngest policy was made that speaks for either side of a flow; '' when that is not known. */
function lastChange(context: AuditContext, flow: PlacedFlow, made: ReadonlyMap<string, string>): string {
  const [pair] = seenPairs(context.snapshot, flow);
  if (pair === undefined) return '';
  const rules = [...context.rulesFor(pair.source, 'egress'), ...context.rulesFor(pair.destination, 'ingress')];
  const times = rules.map(({ source }) => made.get(objectKey(source.policy)) ?? '').filter(Boolean);
  return times.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? '';
}

/** False when either is not told. */
function isBefore(time: string, other: string): boolean {
  return Date.parse(time) < Date.parse(other);
}

function findingFor(context: AuditContext, flow: PlacedFlow, explained: ExplainedFlow, changed: string): FindingDraft {
  const { source, destination, protocol, port, seen, standing, count, lastSeen, told, why, hint } = explained;
  const [pair] = seenPairs(context.snapshot, flow);
  const service = port === null ? protocol : `${protocol} ${port}`;
  // A connection that was there before may last: what becomes of it is up to the plugin.
  const mayLast = isBefore(flow.firstSeen, changed);
  const object = [pair?.destination, pair?.source].find((endpoint) => endpoint?.kind === 'pod');
  return {
    title: `${source} → ${destination} on ${service} was ${seen}, and policy ${standing === 'dropped-though-allowed' ? 'allows' : 'denies'} it`,
    ...(mayLast ? { confidence: 'guess' } : {}),
    scope: 'workload',
    object: object === undefined ? null : workloadRef(object),
    pointer: `${source} ${service} ${seen}`,
    related: explained.rules.map(({ policy }) => policy),
    evidence: [
      { what: 'seen', value: `${counted(count, 'time')}${lastSeen === '' ? '' : `, last ${lastSeen}`}` },
      { what: 'policies that decided, as the source says', value: told.join(', ') || 'not told' },
      { what: 'policy', value: why },
      ...(mayLast ? [{ what: 'first seen', value: `${flow.firstSeen}, before the policy of ${changed}` }] : []),
    ],
    counterexample: pair === undefined ? null : context.flow(pair.source, pair.destination, flow.protocol, pair.port),
    fix: operatorTask(`find out why ${source} → ${destination} was ${seen}`, hint),
  };
}
