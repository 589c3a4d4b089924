import {
  compileSnapshot,
  endpointAt,
  evaluatePair,
  normaliseObject,
  pairFamilies,
  protocolByName,
  SPEC_SEMANTICS,
  type CompiledSnapshot,
  type Endpoint,
  type Fact,
  type Flow,
  type Semantics,
} from '#engine';

import {
  answerInFamily,
  commonFamilies,
  parseAddress,
  readCluster,
  type Conventions,
  type OracleCluster,
  type OracleEndpoint,
  type Request,
} from './oracle/index.js';
import type { Manifest } from './random-cluster.js';

/** One side of a question, by name or by address. */
export type Place = { readonly pod: string } | { readonly address: string; readonly hostName?: string };

export interface Question {
  readonly from: Place;
  readonly to: Place;
  readonly protocol: string;
  readonly port: number | null;
  readonly icmpType?: number;
  /** What is known of the HTTP request. */
  readonly request?: Request;
  readonly sourcePort?: number;
  /** `namespace/name` of the Service whose address the client used. */
  readonly service?: string;
  /** The port of that Service, where it is told. */
  readonly servicePort?: number;
}

/** The conventions of the oracle as switches of the engine. */
export function semanticsOfConventions(conventions: Conventions): Partial<Semantics> {
  return {
    combination: conventions.combination,
    ...(conventions.combination === 'cilium' ? { kinds: WITH_NAMES, isolatesLast: true } : {}),
    cidrMatches: { pods: conventions.blocksMatchPods, nodes: conventions.blocksMatchNodes },
    hostPodsAsPeers: conventions.hostPodsArePeers,
    hostPodsAsSubjects: conventions.hostPodsAreSubjects,
    ownNodeToPod: conventions.ownNodeReachesPod,
    ownNodeNeedsRule: conventions.ownNodeNeedsRule ? 'yes' : 'no',
    podToOwnNode: conventions.podReachesOwnNode,
    toItself: conventions.toItself,
    podDefault: conventions.always ? 'deny' : 'allow',
    knpDecidesBothDirections: conventions.opensOtherDirection,
    ipBlockExcept: conventions.exceptsMayDeny ? 'narrowed' : 'exact',
    networkPolicyOf: conventions.networkPolicyOf,
    namedPorts: conventions.networkPolicyOf === 'ovn' ? 'widened' : 'exact',
    ...(conventions.combination === 'calico' ? { options: calicoOptions(conventions) } : {}),
    ...(conventions.meshNamesPorts ? { options: { 'istio-ambient-mode': 'enabled' } } : {}),
    ...(conventions.combination === 'cilium'
      ? {
          options: {
            ...WRITTEN,
            ...RELEASES[conventions.release],
            'policy-default-local-cluster': String(conventions.peersAreLocal),
          },
        }
      : {}),
  };
}

const RELEASES: Readonly<Record<Conventions['release'], Readonly<Record<string, string>>>> = {
  '': {},
  '1.18': { engine: 'cilium', version: '1.18.6' },
  '1.19': { engine: 'cilium', version: '1.19.1' },
};

const calicoOptions = ({ windowsAgents, ebpf, hostAction }: Conventions): Readonly<Record<string, string>> => ({
  ...(windowsAgents ? { 'windows-agents': 'true' } : {}),
  ...(ebpf ? { 'bpf-enabled': 'true' } : {}),
  ...(hostAction.drops ? { 'default-endpoint-to-host-action': 'drop' } : {}),
  ...(hostAction.isFixed ? { 'host-action-of': 'environment' } : {}),
});

/** FQDNNetworkPolicy is GKE's, whose dataplane is Cilium's. */
const WITH_NAMES = { ...SPEC_SEMANTICS.kinds, 'FQDNNetworkPolicy.networking.gke.io': 'yes' } as const;

/** What Cilium has off by default, on. */
const WRITTEN = {
  'enable-host-firewall': 'true',
  'enable-local-redirect-policy': 'true',
  'enable-node-selector-labels': 'true',
};

/** What tells that a network plugin leaves out a policy that is valid: the oracle leaves it out too. */
const LEFT_OUT = 'networkpolicy.left_out';

/** Compiles manifests as the product does. Throws when the engine refuses any, since random manifests are valid. */
export function compileManifests(manifests: readonly Manifest[], conventions: Conventions): CompiledSnapshot {
  const facts: Fact[] = [];
  for (const manifest of manifests) {
    const { fact, diagnostics } = normaliseObject(manifest);
    const error = diagnostics.find((diagnostic) => diagnostic.class === 'error');
    if (error !== undefined) throw new Error(`${error.pointer}: ${error.message}\n${JSON.stringify(manifest)}`);
    if (fact !== null) facts.push(fact);
  }
  const snapshot = compileSnapshot(facts, { semantics: semanticsOfConventions(conventions) });
  const refused = snapshot.diagnostics.find(({ class: kind, code }) => kind === 'error' && code !== LEFT_OUT);
  if (refused !== undefined) {
    throw new Error(
      `${refused.object?.name ?? ''}${refused.pointer}: ${refused.message}\n${JSON.stringify(manifests.find((m) => (m['metadata'] as { name?: string }).name === refused.object?.name))}`,
    );
  }
  return snapshot;
}

/** Both evaluators over one cluster. A verdict is one word per family that the two sides share: `4:allow 6:deny`. */
export class TwoAnswers {
  readonly #snapshot: CompiledSnapshot;
  readonly #cluster: OracleCluster;
  readonly #conventions: Conventions;

  constructor(manifests: readonly Manifest[], conventions: Conventions) {
    this.#snapshot = compileManifests(manifests, conventions);
    this.#cluster = readCluster(manifests);
    this.#conventions = conventions;
  }

  engine(question: Question): string {
    const from = this.#endpoint(question.from);
    const to = this.#endpoint(question.to);
    if (from === null || to === null) return 'no such endpoint';
    return words(pairFamilies(from, to), (family) => {
      const protocol = protocolByName(question.protocol === 'ICMP' && family === 6 ? 'ICMPv6' : question.protocol);
      if (protocol === null) throw new Error(`unknown protocol ${question.protocol}`);
      const flow = { protocol, port: question.port, family, ...detailsOf(question) };
      const { verdict, egress, ingress } = evaluatePair(this.#snapshot, from, to, flow, 'intended');
      const limited = egress.onlyFor.length + ingress.onlyFor.length > 0;
      return verdict === 'allow' && limited ? 'conditional' : verdict;
    });
  }

  oracle(question: Question): string {
    const source = this.#oracleEndpoint(question.from);
    const destination = this.#oracleEndpoint(question.to);
    if (source === null || destination === null) return 'no such endpoint';
    const asked = { ...question, source, destination };
    return words(
      commonFamilies(source, destination),
      (family) => answerInFamily(this.#cluster, asked, family, this.#conventions).verdict,
    );
  }

  #endpoint(place: Place): Endpoint | null {
    if ('address' in place) {
      const endpoint = endpointAt(this.#snapshot.directory, place.address);
      const named = endpoint?.kind === 'external' && place.hostName !== undefined;
      return named ? { ...endpoint, hostName: place.hostName } : endpoint;
    }
    const [namespace = '', name = ''] = place.pod.split('/');
    return this.#snapshot.directory.pod(namespace, name);
  }

  #oracleEndpoint(place: Place): OracleEndpoint | null {
    if ('pod' in place) {
      return this.#cluster.pods.find((pod) => !pod.finished && `${pod.namespace}/${pod.name}` === place.pod) ?? null;
    }
    const address = parseAddress(place.address);
    if (address === null) return null;
    const owns = (endpoint: OracleEndpoint): boolean =>
      endpoint.addresses.some((own) => own.family === address.family && own.value === address.value);
    // A node owns the address that it shares with the pods on its network.
    const pod = this.#cluster.pods.find((one) => !one.finished && owns(one));
    const node = this.#cluster.nodes.find(owns);
    if (node !== undefined) return { ...node, addresses: [address] };
    return pod ?? { type: 'outside', addresses: [address], ...(place.hostName && { hostName: place.hostName }) };
  }
}

function detailsOf({ icmpType, request, sourcePort, service, servicePort }: Question): Partial<Flow> {
  return {
    ...(sourcePort === undefined ? {} : { sourcePort }),
    ...(service === undefined ? {} : { service }),
    ...(servicePort === undefined ? {} : { servicePort }),
    ...(icmpType === undefined ? {} : { icmp: { type: icmpType, code: 0 } }),
    ...(request === undefined ? {} : { l7: l7Of(request) }),
  };
}

function l7Of({ protocol, name, kafka, ...http }: Request): Flow['l7'] {
  if (kafka !== undefined) return { protocol: 'kafka', fields: kafka };
  if (name === undefined) return { protocol: 'http', ...http };
  return protocol === 'dns' ? { protocol, fields: { name } } : { protocol: 'grpc', fields: { method: name } };
}

function words(families: readonly (4 | 6 | null)[], verdict: (family: 4 | 6 | null) => string): string {
  if (families.length === 0) return 'no common family';
  return [...families]
    .sort()
    .map((family) => `${family ?? 'any'}:${verdict(family)}`)
    .join(' ');
}
