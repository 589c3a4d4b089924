import { assertNever, counted, oncePer, pushTo } from '../base/index.js';
import { NO_LABELS, NONE, objectLabel } from '../model/index.js';
import type { PodShape, Selector, ServiceFact } from '../model/index.js';
import { formatRange, parseCidr } from '../net/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import { shapeEndpoint } from '../compile/build-endpoints.js';
import type { Endpoint } from '../compile/endpoint.js';
import { endpointAt, externalEndpoint, hostNameEndpoint } from '../compile/endpoint-directory.js';
import type { FactsIndex } from '../compile/facts-index.js';
import { compileSelector, YES } from '../compile/match-selector.js';
import { addressCuts } from './address-atoms.js';
import { nearNames } from './near-names.js';
import type { NotFound } from './answer.js';
import { parseSelector } from './parse-selector.js';
import type { ParsedSelector } from './parse-selector.js';
import type { PeerQuery } from './question.js';
import { SEES_ALL, type Sees } from './visibility.js';

/** One side of a question, found in the snapshot. */
export type ResolvedPeer =
  | { readonly type: 'endpoints'; readonly label: string; readonly endpoints: readonly Endpoint[] }
  | { readonly type: 'service'; readonly label: string; readonly service: ServiceFact };

export type Resolution = ResolvedPeer | { readonly type: 'notFound'; readonly error: NotFound };

const HYPOTHETICAL = '(hypothetical)';
/** The namespace of a pod whose namespace nobody has made. */
const NOWHERE = '(none)';

/**
 * Finds what a query names; a name that is not there comes back with names that are close. What the caller does not see
 * is not there.
 */
export function resolvePeer(
  snapshot: CompiledSnapshot,
  query: PeerQuery,
  side: NotFound['side'],
  sees: Sees = SEES_ALL,
): Resolution {
  const { directory, index } = snapshot;
  const missing = (message: string, wanted: string, names: Iterable<string>): Resolution => ({
    type: 'notFound',
    error: { code: 'ENDPOINT_NOT_FOUND', side, message, near: nearNames(wanted, names) },
  });
  /** Names as `namespace/name` that the caller may hear of. */
  const seen = (names: Iterable<string>): readonly string[] =>
    [...names].filter((name) => sees(name.slice(0, Math.max(0, name.indexOf('/')))));
  const isSeen = 'namespace' in query ? sees(query.namespace) : true;
  switch (query.type) {
    case 'name': {
      const full = `${query.namespace}/${query.name}`;
      const pod = isSeen ? directory.pod(query.namespace, query.name) : null;
      if (pod !== null) return endpoints(`Pod ${full}`, [pod]);
      const workload = isSeen ? directory.workload(query.namespace, '', query.name) : [];
      if (workload.length > 0) return workloadPeer(full, workload);
      const service = isSeen ? index.services.get(full) : undefined;
      if (service !== undefined) return { type: 'service', label: `Service ${full}`, service };
      const names = seen([...directory.names(), ...index.services.keys()]);
      return missing(`no pod, workload or Service is named \`${full}\``, full, names);
    }
    case 'pod': {
      const full = `${query.namespace}/${query.name}`;
      const pod = isSeen ? directory.pod(query.namespace, query.name) : null;
      if (pod !== null) return endpoints(`Pod ${full}`, [pod]);
      return missing(`no running pod is named \`${full}\``, full, seen(directory.names()));
    }
    case 'workload': {
      const full = `${query.namespace}/${query.name}`;
      const found = isSeen ? directory.workload(query.namespace, query.kind, query.name) : [];
      if (found.length > 0) return workloadPeer(full, found);
      return missing(`no ${query.kind || 'workload'} is named \`${full}\``, full, seen(directory.names()));
    }
    case 'service': {
      const full = `${query.namespace}/${query.name}`;
      const service = isSeen ? index.services.get(full) : undefined;
      if (service !== undefined) return { type: 'service', label: `Service ${full}`, service };
      return missing(`no Service is named \`${full}\``, full, seen(index.services.keys()));
    }
    case 'namespace': {
      const isThere = sees(query.name);
      const found = isThere ? directory.namespace(query.name) : [];
      if (found.length > 0) return endpoints(`namespace ${query.name} (${counted(found.length, 'pod')})`, found);
      const known = isThere && index.namespaces.has(query.name) ? 'has no pods' : 'does not exist';
      return missing(`namespace \`${query.name}\` ${known}`, query.name, directory.namespaceNames().filter(sees));
    }
    case 'node': {
      const node = sees('') ? directory.node(query.name) : null;
      if (node !== null) return endpoints(`node ${query.name}`, [node]);
      return missing(
        `no node is named \`${query.name}\``,
        query.name,
        sees('') ? index.nodes.map((fact) => fact.meta.name) : [],
      );
    }
    case 'address':
      return resolveAddress(snapshot, query.address, side, sees);
    case 'block':
      return endpoints(`block ${query.cidr}`, blockEndpoints(snapshot, query.cidr));
    case 'hostName':
      return endpoints(`host ${query.name}`, [hostNameEndpoint(query.name)]);
    case 'selection':
      return resolveSelection(snapshot, query, side, sees);
    case 'hypothetical':
      if (query.namespaceLabels === undefined && !isSeen)
        return missing(
          `namespace \`${query.namespace}\` does not exist`,
          query.namespace,
          directory.namespaceNames().filter(sees),
        );
      return hypotheticalPeer(query, index);
    default:
      return assertNever(query);
  }
}

function hypotheticalPeer(query: Extract<PeerQuery, { type: 'hypothetical' }>, index: FactsIndex): ResolvedPeer {
  const { namespace, namespaceLabels, labels } = query;
  const shape = shapeEndpoint(madeUpShape(query), namespace || NOWHERE, HYPOTHETICAL, index);
  const made = { ...shape, hypothetical: true };
  if (namespaceLabels === undefined) return endpoints(`a pod of ${namespace} with ${labelText(labels)}`, [made]);
  const label = `a pod with ${labelText(labels)} of a namespace with ${labelText(namespaceLabels)}`;
  return endpoints(label, [{ ...made, namespaceLabels }]);
}

/** The pods that two selectors choose. */
function resolveSelection(
  snapshot: CompiledSnapshot,
  query: Extract<PeerQuery, { type: 'selection' }>,
  side: NotFound['side'],
  sees: Sees,
): Resolution {
  const label = `pods ${query.namespaces}/${query.pods}`;
  const { namespaces, pods } = selectionOf(query);
  const [inNamespace, isChosen] = [compileSelector(namespaces), compileSelector(pods)];
  const { directory } = snapshot;
  const found = directory.namespaceNames().flatMap((name) => {
    const [first, ...rest] = sees(name) ? directory.namespace(name) : [];
    if (first === undefined || inNamespace(first, first) !== YES) return [];
    return [first, ...rest].filter((endpoint) => isChosen(endpoint, endpoint) === YES);
  });
  if (found.length > 0) return endpoints(`${label} (${counted(found.length, 'pod')})`, found);
  const message = `no pod is chosen by \`${query.namespaces}/${query.pods}\``;
  return { type: 'notFound', error: { code: 'ENDPOINT_NOT_FOUND', side, message, near: [] } };
}

/** A bare name is that namespace; everything else tests labels. */
function selectionOf(query: Extract<PeerQuery, { type: 'selection' }>): Record<'namespaces' | 'pods', Selector> {
  const isName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(query.namespaces);
  const inPods = parseSelector(query.pods, 'pod');
  const inNamespaces: ParsedSelector = isName
    ? { selector: { type: 'namespace', names: [query.namespaces] } }
    : parseSelector(query.namespaces, 'namespace');
  return {
    namespaces: 'selector' in inNamespaces ? inNamespaces.selector : NONE,
    pods: 'selector' in inPods ? inPods.selector : NONE,
  };
}

function endpoints(label: string, found: readonly Endpoint[]): ResolvedPeer {
  return { type: 'endpoints', label, endpoints: found };
}

function workloadPeer(full: string, found: readonly Endpoint[]): ResolvedPeer {
  const kind = found[0]?.workload?.kind ?? 'workload';
  const pods = found.filter((endpoint) => !endpoint.hypothetical).length;
  return endpoints(`${kind} ${full} (${pods === 0 ? 'template, no pods' : counted(pods, 'pod')})`, found);
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const keys = Object.keys(labels).sort();
  return keys.length === 0 ? 'no labels' : keys.map((key) => `${key}=${labels[key] ?? ''}`).join(',');
}

function madeUpShape(query: Extract<PeerQuery, { type: 'hypothetical' }>): PodShape {
  const { labels, serviceAccount } = query;
  return { labels, annotations: NO_LABELS, serviceAccount, hostNetwork: false, ports: [], containers: [] };
}

/** The Services that each address leads to. */
const servicesByAddress = oncePer(({ services }: FactsIndex): ReadonlyMap<string, readonly ServiceFact[]> => {
  const found = new Map<string, ServiceFact[]>();
  for (const service of services.values()) {
    for (const owned of new Set([...service.clusterIps, ...service.externalIps, ...service.loadBalancerIps])) {
      pushTo(found, owned, service);
    }
  }
  return found;
});

/** An address of a pod, a node or a Service, else an outside address. */
function resolveAddress(snapshot: CompiledSnapshot, address: string, side: NotFound['side'], sees: Sees): Resolution {
  const service = servicesByAddress(snapshot.index)
    .get(address)
    ?.find(({ meta }) => sees(meta.namespace));
  if (service !== undefined) {
    return { type: 'service', label: `Service ${objectLabel(service.meta)} (${address})`, service };
  }
  const endpoint = endpointAt(snapshot.directory, address);
  if (endpoint === null) {
    const message = `\`${address}\` is not an address`;
    return { type: 'notFound', error: { code: 'ENDPOINT_NOT_FOUND', side, message, near: [] } };
  }
  const owner =
    endpoint.kind === 'external' || !sees(endpoint.namespace) ? '' : ` (${endpoint.kind} ${objectLabel(endpoint)})`;
  return endpoints(`address ${address}${owner}`, [endpoint]);
}

/** One outside endpoint for each part of the block that some rule tells from the rest. */
function blockEndpoints(snapshot: CompiledSnapshot, cidr: string): Endpoint[] {
  const block = parseCidr(cidr);
  if (block === null) return [];
  const cuts = addressCuts(snapshot, block);
  return cuts.map((from, i) => {
    const to = (cuts[i + 1] ?? block.to + 1n) - 1n;
    const range = { family: block.family, from, to };
    return { ...externalEndpoint({ family: block.family, value: from }), name: formatRange(range) };
  });
}
