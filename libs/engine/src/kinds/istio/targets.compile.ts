import { field, isObject, path, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { ALL, and, kindId, NONE, not, or } from '../../model/index.js';
import type { AuxFact, Selector } from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import { readItems, readWorkloadSelector } from './fields.parse.js';
import { readMeshConfig } from './mesh-config.js';
import type { PolicyContext } from './rule-context.js';

/** Of the Gateway API; waypoints are among them. */
export const GATEWAY = 'Gateway.gateway.networking.k8s.io';
/** Istio's own, beside the one of the Gateway API. */
export const ISTIO_GATEWAY = 'Gateway.networking.istio.io';

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
  return and(scope(context), selector ?? ALL, not(waypointPods(context)));
}

/** Pods of waypoints in scope: only what is attached to those by `targetRefs` holds there (IM-58). */
function waypointPods(place: Place): Selector {
  const everywhere = isForMesh(place);
  const waypoints = place.env
    .aux(GATEWAY)
    .filter((gateway) => (everywhere || gateway.meta.namespace === place.namespace) && isWaypoint(gateway));
  return or(...waypoints.map(({ meta }) => gatewayPods(meta.namespace, meta.name)));
}

/** The class of a Gateway; '' where there is none. */
export const gatewayClass = (gateway: AuxFact | undefined): string =>
  text(path(gateway?.raw, 'spec', 'gatewayClassName'));

const isWaypoint = (gateway: AuxFact | undefined): boolean => gatewayClass(gateway) === 'istio-waypoint';

export const inNamespace = (name: string): Selector => ({ type: 'namespace', names: [name] });

/** The environment and the namespace of a policy. */
type Place = Pick<PolicyContext, 'env' | 'namespace'>;

const isForMesh = ({ env, namespace }: Place): boolean => namespace === readMeshConfig(env).rootNamespace;

/** The policy's namespace; the whole mesh for the root namespace. */
export function scope(place: Place): Selector {
  return isForMesh(place) ? ALL : inNamespace(place.namespace);
}

/** Whether some workload in scope is ambient. */
export function isAboutAmbient(place: Place): boolean {
  return isForMesh(place) ? place.env.ambient.size > 0 : place.env.ambient.has(place.namespace);
}

/** Whether istiod attaches a policy to no workload of ztunnel, as its selector has no labels at all. (IM-59) */
export function isLostAtZtunnel(selector: Json | undefined): boolean {
  return isObject(selector) && field(selector, 'matchLabels') === undefined;
}

/** `targetRefs`, where it is there, stands in place of the older `targetRef`. */
function readRefs(
  spec: unknown,
  { problems }: PolicyContext,
): readonly { readonly value: Json; readonly at: string }[] {
  const single = field(spec, 'targetRef');
  const many = readItems(field(spec, 'targetRefs'), '/spec/targetRefs', problems) ?? [];
  if (many.length === 0) return single === undefined ? [] : [{ value: single, at: '/spec/targetRef' }];
  return many.map((value, index) => ({ value, at: pointer('/spec/targetRefs', index) }));
}

/** What a policy can be attached to; all but gateways stand for what waypoints enforce. */
const TARGETS: ReadonlySet<string> = new Set([
  GATEWAY,
  'GatewayClass.gateway.networking.k8s.io',
  ISTIO_GATEWAY,
  'Service',
  'ServiceEntry.networking.istio.io',
]);

function compileRef(value: Json, at: string, context: PolicyContext): readonly Selector[] {
  const { env, namespace, problems } = context;
  const group = text(field(value, 'group'));
  const kind = text(field(value, 'kind'));
  const name = text(field(value, 'name'));
  if (kind === '' || name === '') problems.error('istio.target', at, 'a target needs `kind` and `name`');
  const target = kindId({ group: group === 'core' ? '' : group, kind });
  const elsewhere = text(field(value, 'namespace'));
  if (!TARGETS.has(target) || (elsewhere !== '' && elsewhere !== namespace)) {
    const expected = [...TARGETS].map((known) => `\`${known}\``).join(', ');
    problems.suspect('istio.target', at, `nothing is targeted; expected one of ${expected} in the own namespace`);
    return [];
  }
  const gateway = env.aux(target).find(({ meta }) => meta.namespace === namespace && meta.name === name);
  if (target === ISTIO_GATEWAY) {
    return gateway === undefined ? [] : [and(istioGatewayPods(gateway), NEWER_VERSIONS)];
  }
  if (kind === 'Gateway' && !isWaypoint(gateway)) return [gatewayPods(namespace, name)];
  problems.unsupported(
    'istio.waypoint',
    at,
    `${kind} \`${name}\` is enforced by a waypoint, whose part in the flow is not evaluated`,
  );
  return [];
}

/** The label of pods that serve a Gateway of the Gateway API. */
export const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';

/** The pods that serve a Gateway of the Gateway API. */
export function gatewayPods(namespace: string, name: string): Selector {
  const named: Selector = { type: 'label', owner: 'pod', key: GATEWAY_NAME, op: 'in', values: [name] };
  return and(inNamespace(namespace), named);
}

/** The pods of one of Istio's own Gateways, in whatever namespace. */
export function istioGatewayPods({ raw, meta }: AuxFact): Selector {
  const matchLabels = field(field(raw, 'spec'), 'selector');
  if (!isObject(matchLabels)) return NONE;
  return readWorkloadSelector({ matchLabels }, '/spec/selector', new ProblemList(meta)) ?? NONE;
}

/** Older versions attach no policy there (IM-42). */
const NEWER_VERSIONS: Selector = {
  type: 'unknown',
  why: 'only newer versions of Istio attach policies to its own Gateways',
};
