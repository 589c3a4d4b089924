import {
  evaluatePair,
  INGRESS_CONTROLLER,
  ingressTargets,
  intersectRanges,
  mergeRanges,
  NO_CONNECTIONS,
  oncePer,
  portAtoms,
  pushTo,
  TCP,
  unionConnections,
  type CompiledSnapshot,
  type ConnectionSet,
  type Endpoint,
  type IngressTarget,
  type TablePeer,
} from '#engine';

/** As tools name whoever serves Ingress and Route objects. */
export const CONTROLLER = '{ingress-controller}';

/** The same as a peer of tables; a source only. Options name it without its braces. */
export const CONTROLLER_PEER: TablePeer = {
  type: 'workload',
  key: CONTROLLER,
  namespace: '',
  name: 'ingress-controller',
  endpoints: [],
};

/** One port of an endpoint that an Ingress or a Route sends requests to. */
export interface IngressBackend {
  readonly target: IngressTarget;
  readonly port: number;
}

const backendsByEndpoint = oncePer((snapshot: CompiledSnapshot): ReadonlyMap<Endpoint, readonly IngressBackend[]> => {
  const found = new Map<Endpoint, IngressBackend[]>();
  for (const target of ingressTargets(snapshot)) {
    if (target.isUnused) continue;
    for (const { endpoint, port } of target.backends)
      if (port !== null && isDeclared(endpoint, port)) pushTo(found, endpoint, { target, port });
  }
  return found;
});

/** np-guard sends requests to ports that a container declares alone, of whatever protocol (`PodExposedTCPConnections`). */
const isDeclared = ({ ports }: Endpoint, port: number): boolean =>
  ports.some((one) => one.port === port && !one.init && one.sidecar !== true);

/** What Ingress and Route objects send to an endpoint, in order of object. */
export function ingressBackends(snapshot: CompiledSnapshot, endpoint: Endpoint): readonly IngressBackend[] {
  return backendsByEndpoint(snapshot).get(endpoint) ?? [];
}

/** What the ingress policy of a workload lets pass from the controller, on the ports that Ingress and Route send to it. */
export function controllerConnections(snapshot: CompiledSnapshot, { endpoints }: TablePeer): ConnectionSet {
  return endpoints.map((endpoint) => connectionsTo(snapshot, endpoint)).reduce(unionConnections, NO_CONNECTIONS);
}

function connectionsTo(snapshot: CompiledSnapshot, endpoint: Endpoint): ConnectionSet {
  const sent = ingressBackends(snapshot, endpoint);
  if (sent.length === 0) return NO_CONNECTIONS;
  const open = portAtoms([snapshot.intended], INGRESS_CONTROLLER, endpoint, TCP).filter(([port]) => {
    const flow = { protocol: TCP, port, family: null };
    return evaluatePair(snapshot, INGRESS_CONTROLLER, endpoint, flow, 'intended').ingress.verdict === 'allow';
  });
  const ranges = intersectRanges(mergeRanges(open), mergeRanges(sent.map(({ port }) => [port, port])));
  return ranges.length === 0 ? NO_CONNECTIONS : new Map([[TCP, ranges]]);
}
