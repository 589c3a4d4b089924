import { field, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { ALL, and, or } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import { readItems, readWorkloadSelector } from './fields.parse.js';
import { readMeshConfig } from './mesh-config.js';
import type { PolicyContext } from './rule-context.js';

/**
 * Whom an AuthorizationPolicy holds for, by `selector`, `targetRef` or `targetRefs`; none of them is every workload in
 * scope (IM-9 to IM-11).
 */
export function compileTargets(spec: unknown, context: PolicyContext): Selector {
  const { problems } = context;
  const selector = readWorkloadSelector(field(spec, 'selector'), '/spec/selector', problems);
  const refs = readRefs(spec, context);
  if (refs.length > 0 && field(spec, 'selector') !== undefined) {
    problems.error('istio.targets', '/spec', '`selector` and `targetRefs` cannot stand together');
  }
  if (refs.length > 0) return or(...refs.flatMap(({ value, at }) => compileRef(value, at, context)));
  return and(scope(context), selector ?? ALL);
}

/** The policy's namespace; the whole mesh for the root namespace. */
export function scope({ env, namespace }: Pick<PolicyContext, 'env' | 'namespace'>): Selector {
  return namespace === readMeshConfig(env).rootNamespace ? ALL : { type: 'namespace', names: [namespace] };
}

function readRefs(
  spec: unknown,
  { problems }: PolicyContext,
): readonly { readonly value: Json; readonly at: string }[] {
  const single = field(spec, 'targetRef');
  const many = readItems(field(spec, 'targetRefs'), '/spec/targetRefs', problems) ?? [];
  return [
    ...(single === undefined ? [] : [{ value: single, at: '/spec/targetRef' }]),
    ...many.map((value, index) => ({ value, at: pointer('/spec/targetRefs', index) })),
  ];
}

function compileRef(value: Json, at: string, { env, namespace, problems }: PolicyContext): readonly Selector[] {
  const kind = text(field(value, 'kind'));
  const name = text(field(value, 'name'));
  if (kind === '' || name === '') problems.error('istio.target', at, 'a target needs `kind` and `name`');
  const gateway = env
    .aux('Gateway.gateway.networking.k8s.io')
    .find(({ meta }) => kind === 'Gateway' && meta.namespace === namespace && meta.name === name);
  const isWaypoint = text(field(field(gateway?.raw, 'spec'), 'gatewayClassName')) === 'istio-waypoint';
  if (kind === 'Gateway' && !isWaypoint) return [gatewayPods(namespace, name)];
  problems.unsupported(
    'istio.waypoint',
    at,
    `${kind} \`${name}\` is enforced by a waypoint, whose part in the flow is not evaluated`,
  );
  return [];
}

/** The pods that serve a Gateway of the Gateway API. */
export function gatewayPods(namespace: string, name: string): Selector {
  const key = 'gateway.networking.k8s.io/gateway-name';
  const named: Selector = { type: 'label', owner: 'pod', key, op: 'in', values: [name] };
  return and({ type: 'namespace', names: [namespace] }, named);
}
