import { followEndpoints, TCP } from '#engine';
import type { Endpoint } from '#engine';

import type { AuditContext } from './audit-context.js';
import { servedBy } from './service-backends.js';
import type { WorkloadView } from './workload-view.js';

/** Where a forward proxy usually listens. */
const PROXY_PORTS: readonly number[] = [3128, 8080, 1080, 8888];
/** What it is usually called; a proxy before one application, as `oauth2-proxy`, is none. */
const PROXY_NAME =
  /^(?:.+-)?(?:squid|tinyproxy|privoxy|3proxy|dante)(?:-.+)?$|^(?:(?:egress|forward|http|https|internet|outbound|socks5?|web)-?)?proxy$/;

/** A workload that opens connections for whoever asks it. */
export interface ForwardProxy {
  readonly workload: WorkloadView;
  readonly pod: Endpoint;
  readonly port: number;
}

/** Workloads that are known by their name, or that of their Service, and by their port to be forward proxies. */
export function forwardProxies(context: AuditContext): readonly ForwardProxy[] {
  return context.workloads.flatMap((workload): ForwardProxy[] => {
    const [pod] = workload.endpoints;
    if (pod === undefined) return [];
    const services = servedBy(context.snapshot, pod);
    const names = [workload.name, pod.labels['app'], pod.labels['app.kubernetes.io/name']];
    const isNamed = [...names, ...services.map(({ meta }) => meta.name)].some((name) => PROXY_NAME.test(name ?? ''));
    const port = isNamed ? proxyPort(context, pod) : undefined;
    return port === undefined ? [] : [{ workload, pod, port }];
  });
}

/** One that the pod declares, else the one behind a Service, also where policies lead its clients past the pod. */
function proxyPort({ snapshot }: AuditContext, pod: Endpoint): number | undefined {
  const declared = PROXY_PORTS.find((port) => pod.ports.some((own) => own.protocol === TCP && own.port === port));
  if (declared !== undefined) return declared;
  for (const service of servedBy(snapshot, pod)) {
    for (const { port } of service.ports.filter((own) => PROXY_PORTS.includes(own.port))) {
      const found = followEndpoints(snapshot, service, TCP, port);
      const backend = found.type === 'backends' ? found.backends.find(({ endpoint }) => endpoint === pod) : undefined;
      if (backend !== undefined && backend.port !== null) return backend.port;
    }
  }
  return undefined;
}
