import { blockContains, parseAddress } from './addresses.js';
import {
  nameOf,
  namespaceOf,
  podObject,
  protocolOf,
  type Conventions,
  type OracleCluster,
  type OracleEndpoint,
  type OraclePod,
} from './cluster.js';
import { get, has, items, str, type Raw } from './fields.js';
import { GATEWAY_NAME } from './gateways.js';
import { gatewayRoutes } from './gateway-routes.js';
import {
  behindPort,
  behindService,
  familiesOf,
  isAlias,
  isHeadless,
  serviceAt,
  type OracleBackend,
} from './services.js';
import {
  answerInFamily,
  combine,
  commonFamilies,
  entryVerdict,
  type OracleAnswer,
  type OracleVerdict,
} from './verdict.js';

/** A way in from outside (SVC-18 to SVC-25) and what becomes of one client there. */
export interface OracleWay {
  /** The kind of way, the object, and the place in it. */
  readonly place: string;
  readonly backends: readonly OracleBackend[];
  /** Null where an alias leads to a name outside. */
  readonly verdict: 'allowed' | 'denied' | 'mixed' | 'undetermined' | null;
  /** Whoever serves it is not known: the verdict is of the pods that were tried, and there may be others. */
  readonly isOfSome?: true;
}

interface Asked {
  readonly cluster: OracleCluster;
  readonly conventions: Conventions;
  readonly client: OracleEndpoint;
}

/** What an object opens, before anybody is asked whether it passes. */
export interface OpenedWay {
  readonly place: string;
  readonly protocol: string;
  /** Null where an alias leads to a name outside. */
  readonly backends: readonly OracleBackend[] | null;
  /** Through proxies that serve it, of a Gateway (`namespace/name`), one controller or whichever there is. */
  readonly servedBy?: { readonly gateway?: string; readonly controller?: string };
}

export function waysIn(asked: Asked): readonly OracleWay[] {
  const { cluster } = asked;
  const proxied = [...ingresses(cluster), ...routes(cluster), ...gatewayRoutes(cluster)];
  return [
    ...(cluster.objects.get('Service') ?? []).flatMap((service) => byService(service, asked)),
    ...hostPorts(asked),
    ...proxied.map(({ place, backends, ...way }) => {
      if (backends === null) return { place, backends: [], verdict: null };
      const proxies = proxiesOf(way.servedBy, cluster);
      if (proxies.length > 0) return toldBy({ place, backends }, throughProxies(proxies, { ...way, backends }, asked));
      return throughWhomever({ place, backends }, way.protocol, asked);
    }),
  ];
}

const plain = (verdict: OracleVerdict): OracleVerdict => (verdict === 'conditional' ? 'allow' : verdict);

/** One word for all that is found; of nothing at all nobody gets in. */
function toldBy(
  { place, backends }: Pick<OracleWay, 'place' | 'backends'>,
  found: readonly OracleVerdict[],
): OracleWay {
  const words = new Set(found.map(plain));
  if (words.has('allow') && words.has('deny')) return { place, backends, verdict: 'mixed' };
  if (words.size > 1 || words.has('unknown')) return { place, backends, verdict: 'undetermined' };
  return { place, backends, verdict: words.has('allow') ? 'allowed' : 'denied' };
}

/** SVC-18 to SVC-20. */
function byService(service: Raw, asked: Asked): readonly OracleWay[] {
  if (isHeadless(service) || isAlias(service)) return [];
  const spec = get(service, 'spec');
  const type = str(get(spec, 'type'));
  const isLocal = get(spec, 'externalTrafficPolicy') === 'Local';
  const taken = items(get(spec, 'loadBalancerSourceRanges')).map(str);
  const [address] = asked.client.addresses;
  const isTaken = taken.length === 0 || taken.some((block) => address !== undefined && blockContains(block, address));
  const named = `Service ${namespaceOf(service)}/${nameOf(service)}`;
  return items(get(spec, 'ports')).flatMap((port, index) => {
    const following = { families: familiesOf(service), byNode: isLocal };
    const backends = behindPort(service, port, following, asked.cluster);
    const found = backends.flatMap((backend) => throughNodes(service, port, backend, isLocal, asked));
    const way = (via: string, verdicts = found): OracleWay =>
      toldBy({ place: `${via} ${named} /spec/ports/${index}`, backends }, verdicts);
    return [
      ...(type === 'LoadBalancer' ? [way('LoadBalancer', isTaken ? found : [])] : []),
      ...(['LoadBalancer', 'NodePort'].includes(type) && has(port, 'nodePort') ? [way('NodePort')] : []),
      ...(items(get(spec, 'externalIPs')).length > 0 ? [way('ExternalIP')] : []),
    ];
  });
}

/** SVC-19: what becomes of the client at each node where it may enter, or of the client itself. */
function throughNodes(
  service: Raw,
  ownPort: unknown,
  { endpoint, port, families }: OracleBackend,
  isLocal: boolean,
  { cluster, conventions, client }: Asked,
): readonly OracleVerdict[] {
  const own = `${namespaceOf(service)}/${nameOf(service)}`;
  const asked = {
    source: client,
    destination: endpoint,
    protocol: protocolOf(ownPort),
    port,
    service: own,
    servicePort: Number(get(ownPort, 'port')),
  };
  const home = endpoint.type === 'pod' ? endpoint.node : endpoint.type === 'node' ? endpoint.name : '';
  return commonFamilies(client, endpoint)
    .filter((family) => family === null || families.includes(family))
    .flatMap((family) => {
      const seen = answerInFamily(cluster, asked, family, conventions).verdict;
      if (isLocal) return [seen];
      const nodes = cluster.nodes.filter(({ addresses }) => addresses.some((one) => one.family === family));
      const entered = entryVerdict(cluster, asked, family, conventions);
      return nodes.map((node) => {
        const { ingress } = answerInFamily(cluster, { ...asked, source: node }, family, conventions);
        const sentOn = combine(entered, ingress);
        if (node.name !== home) return sentOn;
        const isEither = ['spec', 'cilium', 'aws'].includes(conventions.combination);
        return isEither && plain(sentOn) !== plain(seen) ? 'unknown' : seen;
      });
    });
}

const isLoopback = (text: string): boolean => text.startsWith('127.') || text === '::1';

/** SVC-21. */
function hostPorts({ cluster, conventions, client }: Asked): readonly OracleWay[] {
  return cluster.pods
    .filter(({ finished, hostNetwork }) => !finished && !hostNetwork)
    .flatMap((pod) => {
      const containers = items(get(podObject(pod, cluster), 'spec', 'containers'));
      const ports = containers.flatMap((container) => items(get(container, 'ports')));
      return ports
        .filter((port) => has(port, 'hostPort') && !isLoopback(str(get(port, 'hostIP'))))
        .map((one) => {
          const [port, protocol] = [Number(get(one, 'containerPort')), protocolOf(one)];
          const question = { source: client, destination: pod, protocol, port };
          const found = commonFamilies(client, pod).map(
            (family) => answerInFamily(cluster, question, family, conventions).verdict,
          );
          const place = `HostPort Pod ${pod.namespace}/${pod.name} ${protocol} ${Number(get(one, 'hostPort'))}`;
          return toldBy({ place, backends: [{ endpoint: pod, port, node: pod.node, families: [4, 6] }] }, found);
        });
    });
}

/** SVC-28: the label of the controller that the class of an Ingress, just created, tells; none where it may be any. */
function controllerOf(ingress: Raw, cluster: OracleCluster): { readonly controller?: string } {
  if (has(get(ingress, 'metadata', 'annotations'), 'kubernetes.io/ingress.class')) return {};
  const classes = cluster.objects.get('IngressClass.networking.k8s.io') ?? [];
  const isDefault = (one: Raw): boolean =>
    get(one, 'metadata', 'annotations', 'ingressclass.kubernetes.io/is-default-class') === 'true';
  const named = str(get(ingress, 'spec', 'ingressClassName'));
  const meant = classes.filter((one) => (named === '' ? isDefault(one) : nameOf(one) === named));
  const controller = meant.length === 1 ? CONTROLLERS.get(str(get(meant[0], 'spec', 'controller'))) : undefined;
  return controller === undefined ? {} : { controller };
}

/** SVC-22. */
function ingresses(cluster: OracleCluster): readonly OpenedWay[] {
  return (cluster.objects.get('Ingress.networking.k8s.io') ?? []).flatMap((ingress) => {
    const servedBy = controllerOf(ingress, cluster);
    const paths = items(get(ingress, 'spec', 'rules')).flatMap((rule, at) =>
      items(get(rule, 'http', 'paths')).map(
        (one, index) => [`/spec/rules/${at}/http/paths/${index}`, get(one, 'backend')] as const,
      ),
    );
    const all = [['/spec/defaultBackend', get(ingress, 'spec', 'defaultBackend')] as const, ...paths];
    return all
      .filter(([, backend]) => backend !== undefined)
      .map(([pointer, backend]) => {
        const port = get(backend, 'service', 'port');
        const wanted = get(port, 'number') ?? get(port, 'name');
        const service = serviceAt(namespaceOf(ingress), str(get(backend, 'service', 'name')), cluster);
        const isMeant = (one: unknown): boolean =>
          protocolOf(one) === 'TCP' && ['port', 'name', 'targetPort'].some((key) => get(one, key) === wanted);
        return {
          place: `Ingress Ingress ${namespaceOf(ingress)}/${nameOf(ingress)} ${pointer}`,
          protocol: 'TCP',
          backends: behindService(service, isMeant, cluster),
          servedBy,
        };
      });
  });
}

/** SVC-23. */
function routes(cluster: OracleCluster): readonly OpenedWay[] {
  return (cluster.objects.get('Route.route.openshift.io') ?? []).flatMap((route) => {
    const wanted = get(route, 'spec', 'port', 'targetPort');
    const others = items(get(route, 'spec', 'alternateBackends'));
    const all = [
      ['/spec/to', get(route, 'spec', 'to')] as const,
      ...others.map((one, index) => [`/spec/alternateBackends/${index}`, one] as const),
    ];
    return all.map(([pointer, to]) => {
      const service =
        get(to, 'weight') === 0 ? undefined : serviceAt(namespaceOf(route), str(get(to, 'name')), cluster);
      const isMeant = (one: unknown): boolean =>
        protocolOf(one) === 'TCP' && (typeof wanted !== 'string' || get(one, 'name') === wanted);
      const found = behindService(service, isMeant, cluster);
      return {
        place: `Route Route ${namespaceOf(route)}/${nameOf(route)} ${pointer}`,
        protocol: 'TCP',
        backends: typeof wanted === 'number' && found !== null ? found.filter(({ port }) => port === wanted) : found,
        servedBy: {},
      };
    });
  });
}

/** What policy makes of the pods that serve a way. */
function throughProxies(
  proxies: readonly OraclePod[],
  { protocol, backends }: Pick<OpenedWay, 'protocol'> & Pick<OracleWay, 'backends'>,
  { cluster, conventions }: Asked,
): readonly OracleVerdict[] {
  return proxies.flatMap((source) =>
    backends.flatMap(({ endpoint, port, families }) =>
      commonFamilies(source, endpoint)
        .filter((family) => family === null || families.includes(family))
        .map(
          (family) =>
            answerInFamily(cluster, { source, destination: endpoint, protocol, port }, family, conventions).verdict,
        ),
    ),
  );
}

/** Labels of controllers by what classes call them. */
const CONTROLLERS = new Map([
  ['k8s.io/ingress-nginx', 'ingress-nginx'],
  ['traefik.io/ingress-controller', 'traefik'],
]);

/** The Gateway's own pods, else those of a controller. */
function proxiesOf(
  { gateway, controller }: NonNullable<OpenedWay['servedBy']> = {},
  cluster: OracleCluster,
): readonly OraclePod[] {
  const live = cluster.pods.filter(({ finished }) => !finished);
  const [namespace, name] = (gateway ?? '').split('/');
  const own = live.filter((pod) => pod.namespace === namespace && pod.labels.get(GATEWAY_NAME) === name);
  if (own.length > 0) return own;
  const names = controller === undefined ? [...CONTROLLERS.values()] : [controller];
  return live.filter(({ labels }) => names.includes(labels.get('app.kubernetes.io/name') ?? ''));
}

/**
 * SVC-22, of a controller that is not known: what becomes of one pod and another that it might be. What any of them sends
 * is judged as of a pod of which nothing is written.
 */
function throughWhomever(
  way: Pick<OracleWay, 'place' | 'backends'>,
  protocol: string,
  { cluster, conventions }: Asked,
): OracleWay {
  const any = stranger();
  const asked = way.backends.flatMap(({ endpoint: destination, port, families }) =>
    commonFamilies(any, destination)
      .filter((family) => family === null || families.includes(family))
      .map((family) => {
        const answer = (source: OraclePod): OracleAnswer =>
          answerInFamily(cluster, { source, destination, protocol, port }, family, conventions);
        return { answer, egress: answer(any).egress };
      }),
  );
  const words = candidates(cluster).map((source) => {
    const found = asked.map(({ answer, egress }) => combine(egress, answer(source).ingress));
    return toldBy(way, found).verdict;
  });
  const verdict = new Set(words).size === 1 ? (words[0] ?? null) : 'undetermined';
  return { ...way, verdict, isOfSome: true };
}

const ADDRESSES = ['10.9.9.9', 'fd00:9::9'].map(parseAddress).filter((address) => address !== null);

/** A pod of a namespace that is not there, with some labels. */
const stranger = (labels: ReadonlyMap<string, string> = new Map(), namespace = 'nowhere'): OraclePod => ({
  ...{ type: 'pod', namespace, name: 'stranger', labels, serviceAccount: 'default', addresses: ADDRESSES },
  ...{ hostNetwork: false, node: '', finished: false, ports: [], containers: [], annotations: new Map() },
  isRunning: true,
});

/** Pods of the cluster, and others: in each namespace, and in one that is not there, with labels that pods have and without. */
function candidates({ pods, namespaces }: OracleCluster): readonly OraclePod[] {
  const own = pods.filter(({ finished, hostNetwork }) => !finished && !hostNetwork);
  const labels = [new Map<string, string>(), ...own.map((pod) => pod.labels)].slice(0, 5);
  const made = ['nowhere', ...namespaces.keys()].flatMap((name) => labels.map((some) => stranger(some, name)));
  return [...made, ...own.map((pod) => ({ ...pod, addresses: ADDRESSES }))];
}

export const outsideClient = (text: string): OracleEndpoint => {
  const address = parseAddress(text);
  return { type: 'outside', addresses: address === null ? [] : [address] };
};
