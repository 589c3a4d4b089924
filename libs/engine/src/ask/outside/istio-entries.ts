import { field, path, text, textMap } from '../../base/index.js';
import { objectLabel, objectRef, TCP } from '../../model/index.js';
import type { AuxFact } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import { followEndpoints } from '../translate-service.js';
import type { Backend } from '../backend.js';
import {
  audienceOf,
  DESTINATION_RULE,
  gatewayRoutes,
  isShownTo,
  readDestinationRules,
  readMeshConfig,
  serviceAudience,
  serviceOfHost,
  subsetLabels,
} from '../../kinds/istio/index.js';
import type { DestinationRules, GatewayRoute, MeshConfig } from '../../kinds/istio/index.js';
import type { EntryObject, ServingPods } from './entry-objects.js';
import { hasLabels, proxiesOf } from './proxies.js';
import { denied, undetermined } from './refusal.js';
import type { Refusal } from './refusal.js';

/**
 * VirtualServices with the Gateways of Istio that they are bound to, by destination. Those that name a Gateway which is
 * not there lead nowhere. (istio.semantics.md IM-46 to IM-48)
 */
export function istioEntries(snapshot: CompiledSnapshot): EntryObject[] {
  const serving = new Map<AuxFact, ServingPods>();
  const aux = (kind: string): readonly AuxFact[] => snapshot.index.aux.get(kind) ?? [];
  const config = readMeshConfig({ aux });
  const mesh = { config, rules: readDestinationRules(aux(DESTINATION_RULE), config) };
  return gatewayRoutes(aux).map((found): EntryObject => {
    const { gateway, route, pointer, destination, ports } = found;
    const label = serviceOfHost(text(field(destination, 'host')), route.meta.namespace);
    const servedBy = serving.get(gateway) ?? selectorOf(gateway);
    serving.set(gateway, servedBy);
    const backends = backendsOf(snapshot, mesh, { label, servedBy, ...found });
    return {
      via: 'Gateway',
      object: objectRef(route.meta),
      pointer,
      listens: placeOf(found),
      protocol: TCP,
      port: ports.length === 1 ? (ports[0] ?? null) : null,
      ports,
      arrivals: [],
      families: null,
      service: label ?? '',
      seenAs: 'proxy',
      servedBy,
      clients: [],
      ...('verdict' in backends ? { backends: [], refused: backends } : { backends, refused: null }),
    };
  });
}

interface Mesh {
  readonly config: MeshConfig;
  readonly rules: DestinationRules;
}

interface ServedRoute extends GatewayRoute {
  /** Of the Service that it leads to; null for none of the cluster. */
  readonly label: string | null;
  readonly servedBy: ServingPods;
}

function backendsOf(
  snapshot: CompiledSnapshot,
  mesh: Mesh,
  { gateway, bound, destination, ports, label, servedBy }: ServedRoute,
): readonly Backend[] | Refusal {
  const at = objectLabel(gateway.meta);
  if (ports.length === 0) return denied(`no server of Gateway ${at} takes it`);
  if (Object.keys(servedBy.labels).length === 0)
    return undetermined(`Gateway ${at} selects no pods, so any gateway may serve it`);
  const namespaces = [...new Set(proxiesOf(snapshot, { servedBy }).map(({ namespace }) => namespace))];
  if (namespaces.length === 0) return undetermined(`no pod of the snapshot serves Gateway ${at}`);
  const audience = audienceOf(bound, mesh.config.exportDefaults.virtualService);
  const seeing = namespaces.filter((namespace) => isShownTo(audience, namespace));
  const [home] = seeing;
  if (home === undefined) {
    return denied(`${bound.meta.kind} ${objectLabel(bound.meta)} is not exported to the pods that serve Gateway ${at}`);
  }
  if (label === null) return undetermined(`${text(field(destination, 'host'))} is no Service of the cluster`);
  const service = snapshot.index.services.get(label);
  if (service === undefined) return [];
  if (!isShownTo(serviceAudience(service.meta, mesh.config), home))
    return denied(`Service ${label} is not exported to namespace ${home}`);
  const chosen = path(destination, 'port', 'number');
  const [only, ...others] = service.ports;
  const wanted =
    typeof chosen === 'number' ? [chosen] : only !== undefined && others.length === 0 ? [only.port] : ports;
  const backends = wanted.flatMap((port) => {
    const translated = followEndpoints(snapshot, service, TCP, port);
    return translated.type === 'backends' ? translated.backends : [];
  });
  const subset = text(field(destination, 'subset'));
  const wanting = { service: label, subset, client: home };
  return subset === '' ? backends : ofSubset(snapshot, mesh, backends, wanting);
}

function ofSubset(
  snapshot: CompiledSnapshot,
  { rules, config }: Mesh,
  backends: readonly Backend[],
  wanting: Parameters<typeof subsetLabels>[1],
): readonly Backend[] | Refusal {
  const labels = subsetLabels(rules, wanting, config);
  if (labels !== null) {
    const wanted = textMap(labels);
    return backends.filter(({ endpoint }) => hasLabels(endpoint, wanted));
  }
  if (snapshot.completeness[DESTINATION_RULE]?.complete === false) {
    return undetermined('DestinationRules could not be listed, so it is not known which pods it leads to');
  }
  return denied(`no DestinationRule of Service ${wanting.service} has subset \`${wanting.subset}\``);
}

/** The pods of a Gateway are those that its selector has, in any namespace (IM-47). */
function selectorOf({ raw }: AuxFact): ServingPods {
  return { namespace: null, labels: textMap(path(raw, 'spec', 'selector')) };
}

/** Host names, and the ports of the servers that take it. */
function placeOf({ gateway, hosts, ports }: GatewayRoute): string {
  const place = `Gateway ${objectLabel(gateway.meta)}`;
  const where = ports.length === 0 ? place : `${place} port ${[...new Set(ports)].join(', ')}`;
  return hosts.length === 0 ? where : `${hosts.join(', ')} at ${where}`;
}
