import { field, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { ALL, and } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import { EVERY_MEMBER, meshMembers } from './enrolment.js';
import { readItems, readWorkloadSelector } from './fields.parse.js';
import { readMeshConfig } from './mesh-config.js';
import type { PolicyContext } from './source.compile.js';

/** Whom an AuthorizationPolicy holds for. */
export type Targets =
  | { readonly type: 'workloads'; readonly selector: Selector }
  /** Enforced by a waypoint, whose part in a flow is not in the inventory. */
  | { readonly type: 'waypoint'; readonly selector: Selector; readonly what: string };

/** Reads `selector`, `targetRef` and `targetRefs`; none of them is every workload in scope (IM-9 to IM-11). */
export function compileTargets(spec: unknown, context: PolicyContext): readonly Targets[] {
  const { problems } = context;
  const selector = readWorkloadSelector(field(spec, 'selector'), '/spec/selector', problems);
  const refs = readRefs(spec, context);
  if (refs.length > 0 && field(spec, 'selector') !== undefined) {
    problems.error('istio.targets', '/spec', '`selector` and `targetRefs` cannot stand together');
  }
  if (refs.length > 0) return refs.map(({ value, at }) => compileRef(value, at, context));
  return [{ type: 'workloads', selector: and(scope(context), selector ?? ALL) }];
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

function compileRef(value: Json, at: string, { env, namespace, problems }: PolicyContext): Targets {
  const kind = text(field(value, 'kind'));
  const name = text(field(value, 'name'));
  if (kind === '' || name === '') problems.error('istio.target', at, 'a target needs `kind` and `name`');
  const own: Selector = { type: 'namespace', names: [namespace] };
  if (kind === 'Gateway') {
    const found = env
      .aux('Gateway.gateway.networking.k8s.io')
      .find((fact) => fact.meta.namespace === namespace && fact.meta.name === name);
    const gatewayClass = text(field(field(found?.raw, 'spec'), 'gatewayClassName'));
    if (found !== undefined && gatewayClass !== 'istio-waypoint') {
      const key = 'gateway.networking.k8s.io/gateway-name';
      const pods: Selector = { type: 'label', owner: 'pod', key, op: 'in', values: [name] };
      return { type: 'workloads', selector: and(own, pods) };
    }
  }
  const what = `${kind} \`${name}\` is enforced by a waypoint, whose part in the flow is not evaluated`;
  problems.unsupported('istio.waypoint', at, what);
  const selector = and(kind === 'GatewayClass' ? ALL : own, kind === 'Gateway' ? EVERY_MEMBER : meshMembers('ambient'));
  return { type: 'waypoint', selector, what };
}
