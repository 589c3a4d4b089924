import type { Place, Question } from './engine-answers.js';
import type { Manifest, PolicyMix, RandomCluster } from './random-cluster.js';
import type { RandomSource } from './random-source.js';
import type { Request } from './oracle/index.js';
import {
  HOST_NAMES,
  HTTP_HOSTS,
  ICMP_TYPES,
  KAFKA_CLIENTS,
  KAFKA_KEYS,
  KAFKA_PORT,
  METHODS,
  NAMESPACES,
  PATHS,
  PORTS,
  PROTOCOLS,
  SERVICES,
  SOURCE_PORTS,
  TOPICS,
} from './random-words.js';

interface NamedManifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly status?: {
    readonly addresses?: readonly { readonly address: string }[];
    readonly podIPs?: readonly unknown[];
  };
}

/** A place, and the Services, as `namespace/name`, that may lead there. */
type Asked = Place & { readonly services: readonly string[] };

/** Where a question may start or end: every pod with an address, every address of a node, and addresses outside. */
export function placesOf({ inventory, policies, outside }: RandomCluster): readonly Asked[] {
  const chosen = new Set(policies.filter(hasSelector).map(nameOf));
  // What a Service chooses is of its own namespace.
  const services = EVERY_SERVICE.filter((service) => !chosen.has(service));
  return [
    ...inventory.flatMap((manifest) => placesOfObject(manifest, services)),
    ...outside.map((address) => ({ address, services })),
  ];
}

const hasSelector = ({ kind, spec }: Manifest): boolean =>
  kind === 'Service' && (spec as { selector?: object }).selector !== undefined;

function nameOf(manifest: Manifest): string {
  const { metadata } = manifest as unknown as NamedManifest;
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}

function placesOfObject(manifest: Manifest, elsewhere: readonly string[]): readonly Asked[] {
  const { kind, status } = manifest as unknown as NamedManifest;
  if (kind === 'Pod' && (status?.podIPs ?? []).length === 0) return [];
  if (kind === 'Node') return (status?.addresses ?? []).map(({ address }) => ({ address, services: elsewhere }));
  if (kind !== 'Pod') return [];
  const pod = nameOf(manifest);
  return [{ pod, services: EVERY_SERVICE.filter((one) => one.split('/', 1)[0] === pod.split('/', 1)[0]) }];
}

/** Mixes whose rules look at requests and names; at clients' ports, which a question then tells; at Services. */
const REQUESTS: ReadonlySet<PolicyMix> = new Set([
  'v1alpha1',
  'v1alpha2',
  'cilium',
  'istio',
  'antrea',
  'calico',
  'ovn',
  'aws',
]);
const CLIENT_PORTS: ReadonlySet<PolicyMix> = new Set(['antrea', 'calico']);
const EVERY_SERVICE = NAMESPACES.flatMap((namespace) => SERVICES.map((name) => `${namespace}/${name}`));
const THROUGH_SERVICES: Partial<Readonly<Record<PolicyMix, readonly string[]>>> = {
  antrea: EVERY_SERVICE,
  ovn: ['kube-system/kube-dns', 'red/one'],
};

/** A question with at least one side in the cluster, on a port on which rules begin or end, or beside one. */
export function randomQuestion(random: RandomSource, places: readonly Asked[], mix: PolicyMix): Question {
  const { icmpType, ...flow } =
    mix === 'antrea' && random.chance(0.05)
      ? randomIgmp(random, places)
      : randomFlow(random, places, REQUESTS.has(mix));
  const isTold = icmpType !== undefined && !(mix === 'cilium' && random.chance(0.3));
  const asked = mix === 'cilium' && flow.port !== null && random.chance(0.3) ? randomCall(random) : {};
  const question = { ...flow, ...asked, ...(isTold ? { icmpType } : {}) };
  const sourcePort = CLIENT_PORTS.has(mix) ? { sourcePort: random.pick([...SOURCE_PORTS, random.pick(PORTS)]) } : {};
  const services = mix === 'istio' ? question.to.services : (THROUGH_SERVICES[mix] ?? []);
  const through = services.length > 0 && question.port !== null && random.chance(mix === 'istio' ? 0.65 : 0.25);
  if (!through) return { ...question, ...sourcePort, ...(mix === 'istio' ? ownPort(random, question) : {}) };
  // What a mesh makes of a Service it makes of TCP alone.
  const tcp = mix === 'istio' && random.chance(0.6) ? { protocol: 'TCP' } : {};
  // Nobody gets anything by a port that a Service of several ports lacks: those of a mesh have these.
  const servicePort = random.pick(mix === 'istio' ? [80, 80, 80, 81] : PORTS);
  return { ...question, ...sourcePort, ...tcp, service: random.pick(services), servicePort };
}

/** Now and then one of the ports that sidecars have for themselves. */
function ownPort(random: RandomSource, { protocol }: Question): Partial<Question> {
  return protocol === 'TCP' && random.chance(0.05) ? { port: random.pick([15019, 15020, 15021, 15090]) } : {};
}

type QuestionBetween<P> = Omit<Question, 'from' | 'to'> & Readonly<Record<'from' | 'to', P>>;

/** The bare question. `withRequests`: some tell of the HTTP request, some the name of an outside address. */
export function randomFlow<P extends Place>(
  random: RandomSource,
  places: readonly P[],
  withRequests = false,
): QuestionBetween<P> {
  const pods = places.filter((place): boolean => 'pod' in place);
  const inside = random.pick(pods.length === 0 ? places : pods);
  const other = random.pick(places);
  const named = withRequests && 'address' in other && random.chance(0.5);
  const far: P = named ? { ...other, hostName: random.pick(HOST_NAMES) } : other;
  const [from, to]: readonly [P, P] = random.chance(0.5) ? [inside, far] : [far, inside];
  if (random.chance(0.1)) return { from, to, protocol: 'ICMP', port: null, icmpType: random.pick(ICMP_TYPES) };
  const port = Math.min(65535, Math.max(1, random.pick(PORTS) + random.pick([0, 0, 0, -1, 1, 400])));
  const protocol = withRequests && random.chance(0.5) ? 'TCP' : random.pick(PROTOCOLS);
  const tells = withRequests && protocol === 'TCP' && random.chance(0.5);
  return { from, to, protocol, port, ...(tells ? { request: randomRequest(random) } : {}) };
}

/** A query or a report of IGMP. */
function randomIgmp<P extends Place>(random: RandomSource, places: readonly P[]): QuestionBetween<P> {
  const [from, to]: readonly [P, P] = [random.pick(places), random.pick(places)];
  return { from, to, protocol: 'IGMP', port: null, icmpType: random.pick([0x11, 0x12, 0x16, 0x22]) };
}

/** A name that is looked up, a call of gRPC, or a request of Kafka or a connection at its port. */
function randomCall(random: RandomSource): Pick<Question, 'request'> & Partial<Pick<Question, 'port' | 'protocol'>> {
  if (random.chance(0.3)) {
    const request = random.chance(0.8) ? { request: { protocol: 'kafka', kafka: randomKafka(random) } as const } : {};
    return { ...request, port: KAFKA_PORT, protocol: 'TCP' };
  }
  if (random.chance(0.4)) {
    return { request: { protocol: 'grpc', name: random.pick(['api/v1', 'api', 'shop.Orders/List']) } };
  }
  const request = { protocol: 'dns', name: random.pick([...HOST_NAMES, 'API.example.org']) } as const;
  return random.chance(0.5) ? { request } : { request, port: 53, protocol: random.pick(['UDP', 'TCP']) };
}

function randomKafka(random: RandomSource): NonNullable<Request['kafka']> {
  const all = {
    apiKey: random.pick(KAFKA_KEYS),
    topic: random.pick(TOPICS),
    clientID: random.pick(KAFKA_CLIENTS),
    apiVersion: random.pick(['1', '2']),
  };
  const told = random.some(['apiKey', 'topic', 'clientID', 'apiVersion'] as const, 1, 4);
  return Object.fromEntries(told.map((field) => [field, all[field]]));
}

/** A request of which at least one thing is told. */
function randomRequest(random: RandomSource): Request {
  const told = random.some(['method', 'path', 'host'] as const, 1, 3);
  const all = { method: random.pick(METHODS), path: random.pick(PATHS), host: random.pick(HTTP_HOSTS) };
  return Object.fromEntries(told.map((part) => [part, all[part]]));
}
