import type { ServicePort } from '../../model/index.js';

/** What sidecars take for spoken on a port of a Service; `any` where they look at what comes. */
export type Spoken = 'http' | 'tls' | 'tcp' | 'any';

const KNOWN: Readonly<Record<string, Spoken>> = {
  http: 'http',
  http2: 'http',
  grpc: 'http',
  https: 'tls',
  tls: 'tls',
  tcp: 'tcp',
  mongo: 'tcp',
  mysql: 'tcp',
  redis: 'tcp',
  'kubernetes.io/h2c': 'http',
  'kubernetes.io/ws': 'http',
  'kubernetes.io/wss': 'tls',
};

/** Ports at which a server may speak first, so that sidecars do not wait for what comes. */
const SPEAKS_FIRST: readonly number[] = [25, 53, 3306, 27017];

/** By `appProtocol`, else by what the name of the port begins with. (IM-51; istio: pkg/config/kube/conversion.go) */
export function spokenAt({ name, port, appProtocol }: ServicePort): Spoken {
  const said = (appProtocol ?? name).toLowerCase();
  if (said.startsWith('grpc-web')) return 'http';
  const known = KNOWN[said] ?? KNOWN[said.split('-', 1)[0] ?? ''];
  return known ?? (SPEAKS_FIRST.includes(port) ? 'tcp' : 'any');
}
