import type { Manifest } from './random-cluster.js';
import type { RandomSource } from './random-source.js';
import { randomSelector } from './random-selector.js';
import { KEYS, PORTS } from './random-words.js';

interface ServiceManifest {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly type?: string;
    readonly ports?: readonly { readonly name: string; readonly port: number; readonly protocol?: string }[];
  };
}

interface DeclaredPort {
  readonly name?: string;
  readonly containerPort: number;
}

interface PodManifest {
  readonly spec: { readonly containers: readonly { readonly ports?: readonly DeclaredPort[] }[] };
}

/** Policies of Cilium that lead clients of some of the Services to pods on their own node, one each at most. */
export function randomRedirects(random: RandomSource, manifests: readonly Manifest[]): readonly Manifest[] {
  const services = manifests.filter((one) => one['kind'] === 'Service') as unknown as readonly ServiceManifest[];
  const pods = manifests.filter((one) => one['kind'] === 'Pod') as unknown as readonly PodManifest[];
  const declared = pods.flatMap((pod) => pod.spec.containers.flatMap(({ ports = [] }) => ports));
  return services.flatMap((service) => (random.chance(0.4) ? redirectOf(random, service, declared) : []));
}

/** Mostly a number that some pod gives the name. */
function numberOf(random: RandomSource, asked: string, declared: readonly DeclaredPort[]): number {
  const namesakes = declared.filter(({ name }) => name === asked);
  return namesakes.length > 0 && random.chance(0.8) ? random.pick(namesakes).containerPort : random.pick(PORTS);
}

function redirectOf(
  random: RandomSource,
  { metadata, spec }: ServiceManifest,
  declared: readonly DeclaredPort[],
): readonly Manifest[] {
  const ports = (spec.ports ?? []).filter(({ protocol }) => protocol !== 'SCTP');
  if (ports.length === 0) return [];
  const listed = random.chance(0.5) ? [] : random.some(ports, 1, ports.length);
  const protocolOf = ({ protocol = 'TCP' }: { readonly protocol?: string }): string => protocol;
  const [first] = listed;
  const named = random.some(ports, 1, ports.length);
  // The one port that is listed has the protocol of the first one there.
  const alike = first === undefined || listed.length > 1 ? named : [first, ...named.filter((one) => one !== first)];
  const write = (port: number, name: string, protocol: string): object => ({ port: String(port), name, protocol });
  const toPorts = alike.map((one) => write(numberOf(random, one.name, declared), one.name, protocolOf(one)));
  return [
    {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumLocalRedirectPolicy',
      metadata: { name: `to-${metadata.name}`, namespace: metadata.namespace },
      spec: {
        redirectFrontend: {
          serviceMatcher: {
            serviceName: metadata.name,
            namespace: metadata.namespace,
            ...(listed.length === 0
              ? {}
              : { toPorts: listed.map((one) => write(one.port, one.name, protocolOf(one))) }),
          },
        },
        redirectBackend: { localEndpointSelector: randomSelector(random, KEYS), toPorts },
        ...(random.chance(0.3) ? { skipRedirectFromBackend: true } : {}),
      },
    },
  ];
}
