import { PolicyWorld } from './policy-world.js';
import { rawNamespace, rawPod } from './facts.js';

const rawIstio =
  (api: 'security' | 'networking') =>
  (kind: string, namespace: string, name: string, spec: unknown, more: object = {}): unknown => ({
    apiVersion: `${api}.istio.io/v1`,
    kind,
    metadata: { name, namespace, ...more },
    spec,
  });

/** An object of Istio's security API. */
export const object = rawIstio('security');
/** An object of Istio's networking API. */
export const networking = rawIstio('networking');

export const authorization = (spec: object, namespace = 'amb', more: object = {}): unknown =>
  object('AuthorizationPolicy', namespace, 'authz', spec, more);
export const authentication = (name: string, namespace: string, spec: object, more: object = {}): unknown =>
  object('PeerAuthentication', namespace, name, spec, more);
export const mode = (value: string): object => ({ mtls: { mode: value } });

/** Namespaces amb (ambient), side (sidecars) and plain, each with pods web and fe. */
export const MESH: readonly unknown[] = [
  rawNamespace('amb', { 'istio.io/dataplane-mode': 'ambient' }),
  rawNamespace('side', { 'istio-injection': 'enabled' }),
  rawNamespace('plain', {}),
  ...(['amb', 'side', 'plain'] as const).flatMap((namespace, index) => [
    rawPod(`${namespace}/web`, { labels: { app: 'web' }, ip: `10.2.${index}.1`, serviceAccount: 'web' }),
    rawPod(`${namespace}/fe`, { labels: { app: 'fe' }, ip: `10.2.${index}.2`, serviceAccount: 'fe' }),
  ]),
];

/** That mesh with more objects in it. */
export const world = (...objects: readonly unknown[]): PolicyWorld => new PolicyWorld([...MESH, ...objects]);
export const from = (source: object): object => ({ rules: [{ from: [{ source }] }] });
export const to = (operation: object): object => ({ rules: [{ to: [{ operation }] }] });
export const errors = (w: PolicyWorld): readonly string[] =>
  w.problems.filter((problem) => problem.startsWith('error'));

/** Nobody is let in to namespace amb. */
export const CLOSED = authorization({});

/** The mesh's own configuration. */
export const meshConfig = (...lines: readonly string[]): unknown => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'istio', namespace: 'istio-system' },
  data: { mesh: lines.join('\n') },
});

/** A pod of namespace side, which runs when it has a uid. */
export function rawMember(
  name: string,
  more: { labels?: object; annotations?: object; proxy?: boolean; uid?: string },
): unknown {
  const containers = [{ name: 'main' }, ...(more.proxy === true ? [{ name: 'istio-proxy' }] : [])];
  const metadata = { name, namespace: 'side', labels: more.labels ?? {}, annotations: more.annotations ?? {} };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: more.uid === undefined ? metadata : { ...metadata, uid: more.uid },
    spec: { containers },
    status: { phase: 'Running', podIP: '10.3.0.1' },
  };
}
