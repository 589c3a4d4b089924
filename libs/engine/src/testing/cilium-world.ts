import { compileSnapshot } from '../compile/compile-snapshot.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import { endpointOfAddress, hostNameEndpoint } from '../compile/endpoint-directory.js';
import type { Endpoint } from '../compile/endpoint.js';
import { evaluatePair } from '../eval/evaluate-pair.js';
import type { Flow } from '../eval/flow.js';
import { TCP } from '../model/index.js';
import type { Diagnostic } from '../model/index.js';
import { factsOf, rawNamespace, rawNode, rawPod } from './facts.js';

/** Two nodes; in `n` the pods fe and web, in `m` the pod fe, and an agent on the host network of node-1. */
const CLUSTER: readonly unknown[] = [
  rawNamespace('n', { team: 'web' }),
  rawNamespace('m', { team: 'ops' }),
  rawNode('node-1', '172.18.0.2', { zone: 'a' }),
  rawNode('node-2', '172.18.0.3', { zone: 'b' }),
  rawPod('n/fe', { labels: { app: 'fe' }, ip: '10.0.1.1', node: 'node-1', serviceAccount: 'front' }),
  rawPod('n/web', {
    labels: { app: 'web', 'pod-template-hash': 'x' },
    ip: '10.0.1.2',
    node: 'node-1',
    ports: [{ name: 'http', containerPort: 8080 }],
  }),
  rawPod('m/fe', { labels: { app: 'fe' }, ip: '10.0.2.1', node: 'node-2' }),
  rawPod('m/agent', { labels: { app: 'fe' }, ip: '172.18.0.2', node: 'node-1', hostNetwork: true }),
];

export const cnp = (spec: unknown, name = 'p'): unknown => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name, namespace: 'n' },
  spec,
});

export const ccnp = (spec: unknown, name = 'c'): unknown => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumClusterwideNetworkPolicy',
  metadata: { name },
  spec,
});

export const WEB = { matchLabels: { app: 'web' } };
export const ON = { 'enable-policy': 'default', 'enable-host-firewall': 'true', 'enable-node-selector-labels': 'true' };

/** A small cluster of Cilium with the policies under test, and short questions about it. */
export class World {
  readonly snapshot: CompiledSnapshot;

  constructor(policies: readonly unknown[], options: Readonly<Record<string, string>> = ON, more: object = {}) {
    const semantics = {
      combination: 'cilium',
      cidrMatches: { pods: false, nodes: false },
      podToOwnNode: false,
      options,
      ...more,
    } as const;
    this.snapshot = compileSnapshot(factsOf(...CLUSTER, ...policies), { semantics });
  }

  endpoint(text: string): Endpoint {
    const [namespace, name] = text.split('/');
    if (name !== undefined) return this.snapshot.directory.pod(namespace as string, name) as Endpoint;
    return (
      this.snapshot.directory.node(text) ?? endpointOfAddress(this.snapshot.directory, text) ?? hostNameEndpoint(text)
    );
  }

  ask(from: string, to: string, flow: Partial<Flow> = {}): string {
    const asked: Flow = { protocol: TCP, port: 8080, family: null, ...flow };
    const decision = evaluatePair(this.snapshot, this.endpoint(from), this.endpoint(to), asked, 'intended');
    const limited = [...decision.egress.onlyFor, ...decision.ingress.onlyFor].length > 0;
    return limited ? `${decision.verdict} conditionally` : decision.verdict;
  }

  get codes(): string[] {
    return this.#diagnostics().map((found) => found.code);
  }

  get messages(): string[] {
    return this.#diagnostics().map((found) => found.message);
  }

  get refused(): boolean {
    return this.snapshot.intended.sets.some((set) => set.policies.some((policy) => policy.refused));
  }

  #diagnostics(): readonly Diagnostic[] {
    return this.snapshot.intended.sets.flatMap((set) => set.policies.flatMap((policy) => policy.diagnostics));
  }
}

export const ingress = (rule: unknown, more: object = {}): World =>
  new World([cnp({ endpointSelector: WEB, ingress: [rule], ...more })]);
export const egress = (rule: unknown, more: object = {}): World =>
  new World([cnp({ endpointSelector: {}, egress: [rule], ...more })]);
export const port = (number: string, more: object = {}): unknown => ({
  ports: [{ port: number, protocol: 'TCP', ...more }],
});
export const withRules = (rules: unknown): unknown =>
  cnp({ endpointSelector: {}, ingress: [{ toPorts: [{ ...(port('80') as object), rules }] }] });
