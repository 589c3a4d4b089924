import { counted, TCP } from '#engine';
import type { Endpoint } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import { internetFor } from '../context/example-address.js';
import { forwardProxies, type ForwardProxy } from '../context/proxies.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** BYP-08. */
export const check = defineCheck({
  id: 'internet-by-proxy',
  number: 'BYP-08',
  area: 'bypass',
  core: false,
  title: 'workloads that may not reach the internet may reach it by a proxy',
  description:
    'Finds forward proxies, known by their name or that of their Service and by port 3128, 8080, 1080 or 8888, which policy lets out to the internet, and asks the engine which workloads that it keeps from the internet may connect to them: two hops that are each allowed. What the proxy itself refuses is not known. Workloads with the annotation `netpol-atlas/internet-egress` are meant to.',
  remediation: 'Admit only clients that are meant to reach the internet, and let the proxy reach what they need alone.',
  severity: 'medium',
  confidence: 'likely',
  scope: 'workload',
  reads: 'compiled',
  needs: [...PODS_AND_POLICIES, 'Service'],
  compliance: ['SC-7', 'AC-4'],
  references: [REFERENCES.concepts],
  run(context) {
    const proxies = forwardProxies(context);
    const open = proxies.filter(({ pod }) => WEB_PORTS.some((port) => reachesInternet(context, pod, port)));
    const kept = open.length === 0 ? [] : keptInside(context);
    const findings = open.flatMap((proxy): FindingDraft[] => {
      const { pod, port, workload } = proxy;
      const clients = kept.filter(
        (client) => !workload.endpoints.includes(client) && context.verdict(client, pod, TCP, port) === 'allow',
      );
      const [first] = clients;
      return first === undefined ? [] : [findingFor(context, proxy, first, clients)];
    });
    return conclude({
      examined: proxies.length,
      findings,
      nothing: 'no workload is known by its name and port to be a forward proxy',
    });
  },
});

const WEB_PORTS: readonly number[] = [443, 80];

function reachesInternet(context: AuditContext, pod: Endpoint, port: number): boolean {
  return context.verdict(pod, internetFor(pod), TCP, port) === 'allow';
}

/** One pod of each workload that policy keeps from the internet, and whose owner did not say that it should reach it. */
function keptInside(context: AuditContext): readonly Endpoint[] {
  return context.workloads
    .flatMap(({ endpoints }) => endpoints.slice(0, 1))
    .filter((pod) => WEB_PORTS.every((port) => context.verdict(pod, internetFor(pod), TCP, port) === 'deny'))
    .filter((pod) => context.acceptedBecause('internetEgress', pod) === '');
}

function findingFor(
  context: AuditContext,
  { workload, pod, port }: ForwardProxy,
  client: Endpoint,
  clients: readonly Endpoint[],
): FindingDraft {
  const out = WEB_PORTS.find((each) => reachesInternet(context, pod, each)) ?? 443;
  const { source, destination, protocol, intended, summary } = context.flow(pod, internetFor(pod), TCP, out);
  return {
    title: `${counted(clients.length, 'workload')} without the internet may reach it by ${workload.label}`,
    scope: 'workload',
    object: workload.ref,
    related: clients.map(workloadRef),
    evidence: [
      { what: 'clients', value: nameObjects(clients.map(workloadRef)) },
      { what: 'next hop', value: `${source} -> ${destination} ${protocol} ${out} ${intended}: ${summary}` },
    ],
    counterexample: context.flow(client, pod, TCP, port),
    fix: operatorTask(
      `let ${workload.label} admit only clients that are meant to reach the internet`,
      'and let it reach what they need alone, by its own list or by policy',
    ),
  };
}
