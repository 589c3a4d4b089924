import { stableLabels } from '#engine';
import type { JsonObject } from '#engine';

import { NOT_PUBLIC } from '../context/address-space.js';
import type { AuditContext } from '../context/audit-context.js';
import { toYaml } from '../fix/to-yaml.js';

/**
 * Rules for Falco that tell of connections to the internet of a namespace, but for workloads whose owner said that they are
 * meant to. The output of each rule is the text of its alert. A text says why there is nothing to watch.
 */
export function internetWatch(
  context: AuditContext,
  namespace: string,
): string | { readonly manifest: string; readonly note: string } {
  const workloads = context.workloads.filter((workload) => workload.namespace === namespace);
  const [accepted, watched] = [true, false].map((wanted) =>
    workloads.filter(({ endpoints }) =>
      endpoints.some((pod) => (context.acceptedBecause('internetEgress', pod) !== '') === wanted),
    ),
  ) as [typeof workloads, typeof workloads];
  if (watched.length === 0) return `every workload of ${namespace} is meant to reach the internet, or there is none`;
  const inside = [...NOT_PUBLIC, ...context.snapshot.index.nodes.flatMap(({ podCidrs }) => podCidrs)];
  const exempt = accepted
    .flatMap(({ endpoints }) => endpoints.slice(0, 1))
    .flatMap(({ labels }) => exemption(stableLabels(labels)));
  const rule: JsonObject = {
    rule: `Unexpected connection to the internet from ${namespace}`,
    desc: `A pod of ${namespace} opened a connection to an address that is not of the cluster nor private.`,
    condition: [
      'evt.type in (connect, sendto, sendmsg)',
      'fd.type in (ipv4, ipv6)',
      `k8s.ns.name = "${namespace}"`,
      ...([4, 6] as const).map((family) => notWithin(family, inside)),
      ...exempt,
    ].join(' and '),
    output:
      'Unexpected connection to the internet (namespace=%k8s.ns.name pod=%k8s.pod.name container=%container.name process=%proc.name destination=%fd.sip port=%fd.sport protocol=%fd.l4proto)',
    priority: 'WARNING',
    tags: ['network', 'netpol-atlas', 'T1041'],
  };
  const note =
    accepted.length === 0
      ? 'an owner exempts a workload by the annotation netpol-atlas/internet-egress with the reason'
      : `exempt, as their owners gave a reason: ${accepted.map(({ label }) => label).join(', ')}`;
  // Falco reads a list of rules, not a stream of documents.
  const manifest = toYaml([{ rules: [rule] }])
    .replace(/^rules:\n/, '')
    .replaceAll(/^ {2}/gm, '');
  return { manifest, note };
}

/** Falco reads a block as one of the family of the connection, so it may be asked about those of that family only. */
function notWithin(family: 4 | 6, blocks: readonly string[]): string {
  const own = new Set(blocks.filter((block) => block.includes(':') === (family === 6)));
  return `not (fd.type = ipv${String(family)} and fd.snet in (${[...own].map((block) => `"${block}"`).join(', ')}))`;
}

function exemption(labels: Readonly<Record<string, string>>): readonly string[] {
  const terms = Object.entries(labels).map(([key, value]) => `k8s.pod.label[${key}] = "${value}"`);
  return terms.length === 0 ? [] : [`not (${terms.join(' and ')})`];
}
