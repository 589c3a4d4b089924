import { declares, nameOf, namespaceOf, protocolOf, type OracleCluster, type OraclePod } from './cluster.js';
import { get, items, str, type Raw } from './fields.js';
import { selectorMatches } from './selectors.js';

export interface RedirectTarget {
  readonly pod: OraclePod;
  readonly port: number;
}

interface PortText {
  readonly port: number;
  readonly protocol: string;
  readonly name: string;
}

const readPort = (port: unknown): PortText => ({
  port: Number(get(port, 'port')),
  protocol: protocolOf(port),
  name: str(get(port, 'name')),
});

function policiesOf(service: Raw, { objects }: OracleCluster): readonly Raw[] {
  return (objects.get('CiliumLocalRedirectPolicy.cilium.io') ?? []).filter(
    (policy) =>
      namespaceOf(policy) === namespaceOf(service) &&
      get(policy, 'spec', 'redirectFrontend', 'serviceMatcher', 'serviceName') === nameOf(service),
  );
}

/** Which port of its pods a policy leads a port of a Service to, and whether by its name; null for none. */
function targetOf(policy: Raw, service: Raw, asked: PortText): (PortText & { readonly byName: boolean }) | null {
  const listed = items(get(policy, 'spec', 'redirectFrontend', 'serviceMatcher', 'toPorts')).map(readPort);
  const targets = items(get(policy, 'spec', 'redirectBackend', 'toPorts')).map(readPort);
  const isListed = listed.some(({ port, protocol }) => port === asked.port && protocol === asked.protocol);
  if (listed.length > 0 && !isListed) return null;
  const namesake = targets.find(
    ({ name, protocol }) => name === asked.name && name !== '' && protocol === asked.protocol,
  );
  const isOne = listed.length === 1 || (listed.length === 0 && items(get(service, 'spec', 'ports')).length === 1);
  if (!isOne) return namesake === undefined ? null : { ...namesake, byName: true };
  const target = namesake ?? targets[0];
  return target?.protocol === asked.protocol ? { ...target, byName: false } : null;
}

/**
 * Where a policy of Cilium leads a client of a port of a Service instead: to the pods that it selects on the client's own
 * node. Null where it leads nobody there. (SVC-15)
 */
export function redirectTargets(
  service: Raw,
  port: unknown,
  source: OraclePod,
  cluster: OracleCluster,
  isReady: (pod: OraclePod) => boolean,
): readonly RedirectTarget[] | null {
  for (const policy of policiesOf(service, cluster)) {
    const target = targetOf(policy, service, readPort(port));
    if (target === null) continue;
    const selector = get(policy, 'spec', 'redirectBackend', 'localEndpointSelector');
    const chosen = cluster.pods.filter(
      (pod) =>
        !pod.finished && pod.namespace === namespaceOf(policy) && selectorMatches(selector, pod.labels) && isReady(pod),
    );
    const isSpared = get(policy, 'spec', 'skipRedirectFromBackend') === true && chosen.includes(source);
    const there = chosen.filter(
      (pod) => pod.node === source.node && (!target.byName || declares(pod, target.name, target.protocol, target.port)),
    );
    if (!isSpared && there.length > 0) return there.map((pod) => ({ pod, port: target.port }));
  }
  return null;
}
