import { entryObjects, followEndpoints, objectLabel, parseCidr, protocolName, proxiesOf } from '#engine';
import type { Endpoint, EntryObject, ServiceFact } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import { ACCEPTED } from '../context/audit-settings.js';
import { firstAddress, hasFamily, INTERNET, INTERNET_V6 } from '../context/example-address.js';
import { publicPeers, type PublicPeer } from '../context/public-peers.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** EXP-03. */
export const check = defineCheck({
  id: 'internet-ingress',
  number: 'EXP-03',
  area: 'exposure',
  core: false,
  title: 'pods behind a published Service accept connections from the internet',
  description:
    'Finds Services of type LoadBalancer or NodePort whose pods policy lets public addresses reach. Such a Service publishes a path, which its list of source ranges narrows; whether a firewall before it does is not in the inventory. Where the pods are the proxy of an Ingress, Route or Gateway, what it hands on to is named. The annotation `netpol-atlas/internet-ingress` with a reason marks those that are meant to be public.',
  remediation:
    'Allow the addresses that may call, keep the Service inside the cluster, or say in the annotation why it is public.',
  severity: 'high',
  confidence: 'likely',
  scope: 'workload',
  reads: 'compiled',
  needs: [...PODS_AND_POLICIES, 'Service'],
  compliance: ['PCI-1.4.1', 'PCI-1.4.2', 'SC-7', 'CC6.6'],
  references: [REFERENCES.service, REFERENCES.concepts],
  run(context) {
    const published = [...context.snapshot.index.services.values()].filter(
      ({ serviceType }) => serviceType === 'LoadBalancer' || serviceType === 'NodePort',
    );
    const families = ([4, 6] as const).filter((family) => context.pods.some((pod) => hasFamily(pod, family)));
    const peers = families.flatMap((family) => publicPeers(context, family));
    const proxied = entryObjects(context.snapshot).filter(({ seenAs }) => seenAs === 'proxy');
    const findings = published.flatMap(
      (service) => findingFor(context, service, clientsOf(service, peers), proxied) ?? [],
    );
    return conclude({ examined: published.length, findings, nothing: 'no Service is published outside the cluster' });
  },
});

/** Public clients of a Service, one for each part that policies tell apart; the well-known example first where it will do. */
function clientsOf({ serviceType, sourceRanges }: ServiceFact, peers: readonly PublicPeer[]): Endpoint[] {
  if (serviceType !== 'LoadBalancer' || sourceRanges === undefined) {
    return [INTERNET, INTERNET_V6, ...peers.map(({ endpoint }) => endpoint)];
  }
  const ranges = sourceRanges.flatMap((text) => parseCidr(text) ?? []);
  return peers.flatMap(({ parts }) =>
    parts.flatMap((part) =>
      ranges
        .filter(({ family, from, to }) => family === part.family && from <= part.to && part.from <= to)
        .map(({ family, from, to }) =>
          firstAddress({ family, from: from > part.from ? from : part.from, to: to < part.to ? to : part.to }),
        ),
    ),
  );
}

/** What a backend that is the proxy of an Ingress, Route or Gateway hands connections on to. */
function handedOnTo(
  { snapshot }: AuditContext,
  proxy: Endpoint,
  proxied: readonly EntryObject[],
): FindingDraft['evidence'] {
  const objects = proxied.filter((entry) => proxiesOf(snapshot, entry).includes(proxy)).map(({ object }) => object);
  return objects.length === 0 ? [] : [{ what: 'hands on to what these name', value: nameObjects(objects) }];
}

function findingFor(
  context: AuditContext,
  service: ServiceFact,
  sources: readonly Endpoint[],
  proxied: readonly EntryObject[],
): FindingDraft | null {
  if ((service.meta.annotations[ACCEPTED.internetIngress] ?? '') !== '') return null;
  for (const port of service.ports) {
    const found = followEndpoints(context.snapshot, service, port.protocol, port.port, service.externalTrafficPolicy);
    if (found.type !== 'backends') continue;
    for (const backend of found.backends) {
      if (backend.port === null || context.acceptedBecause('internetIngress', backend.endpoint) !== '') continue;
      const at = backend.port;
      const source = sources.find((each) => context.verdict(each, backend.endpoint, port.protocol, at) === 'allow');
      if (source === undefined) continue;
      const { group, kind, namespace, name } = service.meta;
      return {
        title: `${objectLabel(service.meta)} is published and its pods accept the internet on ${protocolName(port.protocol)} ${at}`,
        scope: 'workload',
        object: { group, kind, namespace, name },
        evidence: [
          {
            what: 'Service',
            value: `${service.serviceType}, external traffic policy ${service.externalTrafficPolicy}`,
          },
          { what: 'backends', value: String(found.backends.length) },
          ...(service.sourceRanges === undefined
            ? []
            : [{ what: 'clients that its load balancer takes', value: service.sourceRanges.join(', ') }]),
          ...handedOnTo(context, backend.endpoint, proxied),
          ...(service.externalTrafficPolicy === 'Cluster'
            ? [{ what: 'source that policy sees', value: 'may be a node, which then decides instead of the client' }]
            : []),
        ],
        counterexample: context.flow(source, backend.endpoint, port.protocol, at),
        fix: operatorTask('allow the addresses that may call', 'who may call is the owner’s choice'),
      };
    }
  }
  return null;
}
