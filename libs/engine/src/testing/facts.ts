import { normaliseObject } from '../normalise/index.js';
import type { Fact, Labels } from '../model/index.js';

/** Turns raw objects into facts and fails loudly when one is refused: a test's input must be what it says. */
export function factsOf(...raws: readonly unknown[]): Fact[] {
  return raws.map((raw) => {
    const { fact, diagnostics } = normaliseObject(raw);
    if (fact === null) throw new Error(`no fact: ${JSON.stringify(diagnostics)}`);
    return fact;
  });
}

export function rawNamespace(name: string, labels: Labels = {}): unknown {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

export function rawNode(name: string, address: string, labels: Labels): unknown {
  const addresses = [{ type: 'InternalIP', address }];
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, status: { addresses } };
}

export interface RawPodOptions {
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly ip?: string;
  readonly ips?: readonly string[];
  readonly node?: string;
  readonly hostNetwork?: boolean;
  readonly phase?: string;
  readonly serviceAccount?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
}

/** A running pod named `namespace/name`. */
export function rawPod(fullName: string, options: RawPodOptions = {}): unknown {
  const [namespace, name] = fullName.split('/');
  const ips = options.ips ?? (options.ip === undefined ? [] : [options.ip]);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: options.labels ?? {}, annotations: options.annotations ?? {} },
    spec: {
      nodeName: options.node,
      hostNetwork: options.hostNetwork,
      serviceAccountName: options.serviceAccount,
      automountServiceAccountToken: options.automountServiceAccountToken,
      containers: [{ name: 'c', image: 'i', ports: options.ports ?? [] }],
    },
    status: { phase: options.phase ?? 'Running', podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) },
  };
}

export function rawNetworkPolicy(fullName: string, spec: unknown): unknown {
  const [namespace, name] = fullName.split('/');
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec };
}
