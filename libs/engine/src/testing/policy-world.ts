import { compileSnapshot, endpointOfAddress, hostNameEndpoint } from '../compile/index.js';
import type { CompiledSnapshot, Endpoint } from '../compile/index.js';
import { evaluatePair, pairFamilies } from '../eval/index.js';
import type { Flow } from '../eval/index.js';
import type { Diagnostic, FlowDecision, Semantics, Verdict } from '../model/index.js';
import { protocolByName } from '../model/index.js';
import { factsOf, rawNamespace, rawNode, rawPod } from './facts.js';

const HTTP = [
  { name: 'http', containerPort: 8080 },
  { name: 'dns', containerPort: 53, protocol: 'UDP' },
];

/** Two nodes; pods a/client and b/server on node-1, b/other on node-2, b/agent on node-1's network, DNS in kube-system. */
const INVENTORY: readonly unknown[] = [
  rawNode('node-1', '172.18.0.1', { zone: 'x' }),
  rawNode('node-2', '172.18.0.2', { zone: 'y' }),
  rawNamespace('a', { team: 'red' }),
  rawNamespace('b', { team: 'blue' }),
  rawNamespace('kube-system', {}),
  rawPod('a/client', { labels: { app: 'client' }, ip: '10.0.0.1', node: 'node-1' }),
  rawPod('b/server', { labels: { app: 'server' }, ip: '10.0.0.2', node: 'node-1', ports: HTTP }),
  rawPod('b/other', { labels: { app: 'other' }, ip: '10.0.0.3', node: 'node-2' }),
  rawPod('b/agent', { labels: { app: 'server' }, ip: '172.18.0.1', node: 'node-1', hostNetwork: true }),
  rawPod('kube-system/dns', { labels: { 'k8s-app': 'kube-dns' }, ip: '10.0.0.9', node: 'node-2', ports: HTTP }),
];

/** A small cluster with the policies under test, and short questions about it. */
export class PolicyWorld {
  readonly snapshot: CompiledSnapshot;

  constructor(policies: readonly unknown[], semantics: Partial<Semantics> = {}) {
    this.snapshot = compileSnapshot(factsOf(...INVENTORY, ...policies), { semantics });
  }

  /** `port` as `TCP/80` or `ICMP`; peers as `namespace/pod`, `namespace/workload`, `node:name`, an address or a host name. */
  ask(...question: Parameters<PolicyWorld['decide']>): Verdict {
    return this.decide(...question).verdict;
  }

  /** The same with its evidence. `service` is `namespace/name`, or `namespace/name:80` where its port is told too. */
  decide(from: string, to: string, port = 'TCP/80', l7?: Flow['l7'], service?: string): FlowDecision {
    const source = this.#peer(from);
    const destination = this.#peer(to);
    const [protocol = '', number] = port.split('/');
    const [through, servicePort] = service?.split(':') ?? [];
    const flow: Flow = {
      protocol: protocolByName(protocol) ?? 0,
      port: number === undefined ? null : Number(number),
      family: pairFamilies(source, destination)[0] ?? null,
      ...(l7 === undefined ? {} : { l7 }),
      ...(through === undefined ? {} : { service: through }),
      ...(servicePort === undefined ? {} : { servicePort: Number(servicePort) }),
    };
    return evaluatePair(this.snapshot, source, destination, flow, 'intended');
  }

  /** Diagnostics as `class code pointer`. */
  get problems(): readonly string[] {
    return this.snapshot.diagnostics.map(
      ({ class: weight, code, pointer }: Diagnostic) => `${weight} ${code} ${pointer}`,
    );
  }

  #peer(text: string): Endpoint {
    const node = /^node:(.+)$/.exec(text)?.[1];
    const [namespace = '', name = ''] = text.split('/');
    const found =
      node === undefined
        ? (this.snapshot.directory.pod(namespace, name) ??
          this.snapshot.directory.workload(namespace, '', name)[0] ??
          endpointOfAddress(this.snapshot.directory, text))
        : this.snapshot.endpoints.find((endpoint) => endpoint.kind === 'node' && endpoint.name === node);
    return found ?? hostNameEndpoint(text);
  }
}
