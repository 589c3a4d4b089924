import { entryObjects, proxiesOf, protocolName, stableLabels, TCP } from '#engine';
import type { Endpoint, Sees } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { servedBy } from '../context/service-backends.js';
import { workloadRef } from '../context/workload-view.js';
import { dnsRules, freeName } from '../fix/default-deny.js';
import { distinctPeers, peerOf, type PolicySketch, type SketchRule } from '../fix/policy-sketch.js';
import type { Filled } from './patterns.js';

/** The pods of one tier, one for each set of labels, and where they listen. */
interface Tier {
  readonly pods: readonly Endpoint[];
  readonly ports: readonly number[];
}

/**
 * The controller of the way in may reach what its objects lead to, that may reach what is served besides, and that the data
 * stores: everything else of these pods is closed. A text says what the inventory lacks.
 */
export function tierChain(context: AuditContext, namespace: string, sees: Sees): Filled | string {
  const inside = context.pods.filter((pod) => pod.namespace === namespace);
  const entries = entryObjects(context.snapshot).filter(
    ({ via, backends }) =>
      ['Ingress', 'Route', 'Gateway'].includes(via) &&
      backends.some(({ endpoint }) => endpoint.namespace === namespace),
  );
  if (entries.length === 0) return `no Ingress, Route or Gateway leads to a pod of ${namespace}`;
  const controllers = [...new Set(entries.flatMap((entry) => proxiesOf(context.snapshot, entry)))].filter((pod) =>
    sees(pod.namespace),
  );
  if (controllers.length === 0) return 'the pods of the ingress controller are not known by their labels';
  const backends = entries
    .flatMap((entry) => entry.backends)
    .filter(({ endpoint }) => endpoint.namespace === namespace);
  const front = tier(
    backends.map(({ endpoint }) => endpoint),
    backends.flatMap(({ port }) => port ?? []),
  );
  const data = tierOf(inside.filter((pod) => portsOf(pod).some((port) => context.settings.sensitivePorts.has(port))));
  const others = inside.filter(
    (pod) => !front.pods.some((one) => isAlike(one, pod)) && !data.pods.some((one) => isAlike(one, pod)),
  );
  const middle = tierOf(others.filter((pod) => servedBy(context.snapshot, pod).length > 0));
  const chain = [front, ...(middle.pods.length === 0 ? [] : [middle]), ...(data.pods.length === 0 ? [] : [data])];
  const sketches = chain.flatMap((own, at) => {
    const before: readonly Endpoint[] = at === 0 ? controllers : (chain[at - 1]?.pods ?? []);
    return own.pods.map((pod) => sketchOf(context, pod, rulesOf(context, own, before, chain[at + 1])));
  });
  const words = chain.map(({ pods }) => pods.map((pod) => workloadRef(pod).name).join(', '));
  const note = `the chain is a guess: ${['the controller', ...words].join(' → ')}; what these pods need besides is closed by it`;
  return { title: `a chain of tiers in ${namespace}`, sketches, note };
}

function rulesOf(
  context: AuditContext,
  own: Tier,
  before: readonly Endpoint[],
  next: Tier | undefined,
): readonly SketchRule[] {
  const ingress: SketchRule = { direction: 'ingress', peers: distinctPeers(before), ports: own.ports.map(tcp) };
  const egress =
    next === undefined
      ? []
      : [{ direction: 'egress', peers: distinctPeers(next.pods), ports: next.ports.map(tcp) } as const];
  return [ingress, ...egress, ...dnsRules(context)];
}

function sketchOf(context: AuditContext, pod: Endpoint, rules: readonly SketchRule[]): PolicySketch {
  const name = freeName(context, pod.namespace, `tier-${workloadRef(pod).name.slice(0, 50)}`);
  return { namespace: pod.namespace, name, labels: stableLabels(pod.labels), closes: ['ingress', 'egress'], rules };
}

function tierOf(pods: readonly Endpoint[]): Tier {
  return tier(pods, pods.flatMap(portsOf));
}

function tier(pods: readonly Endpoint[], ports: readonly number[]): Tier {
  const labelled = pods.filter((pod) => Object.keys(stableLabels(pod.labels)).length > 0);
  const distinctPods = labelled.filter((pod, at) => labelled.findIndex((other) => isAlike(other, pod)) === at);
  return { pods: distinctPods, ports: [...new Set(ports)].sort((a, b) => a - b) };
}

function isAlike(a: Endpoint, b: Endpoint): boolean {
  return JSON.stringify(peerOf(a)) === JSON.stringify(peerOf(b));
}

function portsOf({ ports }: Endpoint): readonly number[] {
  return ports.filter(({ protocol, init }) => protocol === TCP && !init).map(({ port }) => port);
}

function tcp(port: number): { readonly protocol: string; readonly port: number } {
  return { protocol: protocolName(TCP), port };
}
