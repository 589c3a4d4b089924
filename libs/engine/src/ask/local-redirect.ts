import { oncePer, pushTo } from '../base/index.js';
import { objectLabel } from '../model/index.js';
import type { Protocol, Semantics, ServiceFact, ServicePort } from '../model/index.js';
import { canonicalIp, formatIp, isWithin, parseCidr } from '../net/index.js';
import type { Ip } from '../net/index.js';
import { engineDetections, semanticsOf } from '../cni/index.js';
import { atLeast } from '../cni/version.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { compileSelector, YES } from '../compile/match-selector.js';
import { LOCAL_REDIRECT, parseLocalRedirect } from '../kinds/cilium/index.js';
import type { LocalRedirect, RedirectPort } from '../kinds/cilium/index.js';
import { ProblemList } from '../normalise/problem-list.js';
import { areasOn, sparedOn } from './backend.js';
import type { Area } from './backend.js';

/** What redirects make of one port of a Service or of an address. */
export interface Redirected {
  /** The pods that clients on the same node are led to. */
  readonly pods: readonly { readonly endpoint: Endpoint; readonly port: number; readonly areas: ReadonlySet<Area> }[];
  /** The areas whose clients are led as if there were no redirect. */
  readonly others: ReadonlySet<Area>;
  /** The clients on redirected nodes among those. */
  readonly spared: readonly Endpoint[];
  /** The policies, as `namespace/name`. */
  readonly by: readonly string[];
}

/** The policies that hold, by the Service, as `namespace/name`, or the address that they name. */
interface Redirects {
  readonly options: Options;
  readonly byService: ReadonlyMap<string, readonly LocalRedirect[]>;
  readonly byAddress: ReadonlyMap<string, readonly LocalRedirect[]>;
}

type Options = Readonly<Record<string, string>>;

/** Null where there are none, which is nearly everywhere. */
const redirectsOf = oncePer((snapshot: CompiledSnapshot): Redirects | null => {
  const facts = snapshot.index.aux.get(LOCAL_REDIRECT) ?? [];
  const options = facts.length === 0 ? null : agentOptions(snapshot);
  if (options === null || !isOn(options)) return null;
  const [byService, byAddress] = [new Map<string, LocalRedirect[]>(), new Map<string, LocalRedirect[]>()];
  for (const fact of facts) {
    const found = parseLocalRedirect(fact, new ProblemList(fact.meta));
    if (found === null) continue;
    const { frontend, namespace } = found;
    if ('service' in frontend) pushTo(byService, `${namespace}/${frontend.service}`, found);
    else if (mayBeNamed(frontend.address, options)) pushTo(byAddress, formatIp(frontend.address), found);
  }
  return { options, byService, byAddress };
});

/** What is known of the agents; null where they are no agents of Cilium. Of an unknown plugin the objects tell. */
function agentOptions({ cni, intended }: CompiledSnapshot): Options | null {
  const isCilium = ({ combination }: Semantics): boolean => combination === 'cilium';
  const isUnknown = cni.networking === 'unknown';
  const detected = engineDetections(cni).map((engine) => semanticsOf(engine).semantics);
  const written = isUnknown ? intended.sets.map(({ semantics }) => semantics) : [];
  return [...detected, ...written].find(isCilium)?.options ?? (isUnknown ? {} : null);
}

/** Off by default; where nothing is known of the configuration, objects that are there are taken to count. */
function isOn(options: Options): boolean {
  const on = options['enable-local-redirect-policy'];
  const isKnown = Object.keys(options).some((key) => key !== 'version' && key !== 'engine');
  return on === 'true' || (!isKnown && on === undefined);
}

/** The agent may be told which addresses policies may name. */
function mayBeNamed({ family, value }: Ip, options: Options): boolean {
  const blocks = options['lrp-address-matcher-cidrs']?.split(/[\s,]+/).filter((block) => block !== '') ?? [];
  const own = { family, from: value, to: value };
  return blocks.length === 0 || blocks.map(parseCidr).some((block) => block !== null && isWithin(own, block));
}

/** Whether a policy that names the address of a Service takes it over; null where that cannot be told. (SVC-17) */
function takesOver(options: Options): boolean | null {
  if (options['enable-lrp-address-matcher-override'] === 'true') return true;
  const version = options['version'] ?? '';
  if (atLeast(version, '1.17') === false) return true;
  return atLeast(version, '1.20') === true ? false : null;
}

export const hasRedirects = (snapshot: CompiledSnapshot): boolean => redirectsOf(snapshot) !== null;

/** What redirects make of a port of a Service; null where they leave it alone. (SVC-15) */
export function redirectedPort(snapshot: CompiledSnapshot, service: ServiceFact, port: ServicePort): Redirected | null {
  const redirects = redirectsOf(snapshot);
  if (redirects === null || service.headless) return null;
  const { options, byService } = redirects;
  const isLed = service.serviceType === 'ClusterIP' || atLeast(options['version'] ?? '', '1.18') !== false;
  const named = isLed ? (byService.get(objectLabel(service.meta)) ?? []) : [];
  const addressed = takesOver(options) === true ? ofAddressesOf(service, redirects) : [];
  const isOnly = service.ports.length === 1;
  return redirectedBy(snapshot, [
    ...named.flatMap((redirect) => withTarget(redirect, targetForService(redirect, port, isOnly))),
    ...addressed.flatMap((redirect) => withTarget(redirect, targetForAddress(redirect, port))),
  ]);
}

/** What redirects make of a port of an address that is no Service's; null where they leave it alone. (SVC-17) */
export function redirectedAddress(
  snapshot: CompiledSnapshot,
  address: Ip,
  protocol: Protocol,
  port: number,
): Redirected | null {
  const found = redirectsOf(snapshot)?.byAddress.get(formatIp(address)) ?? [];
  return redirectedBy(
    snapshot,
    found.flatMap((redirect) => withTarget(redirect, targetForAddress(redirect, { protocol, port }))),
  );
}

/** The policy of which it cannot be told whether it redirects one of some ports of a Service; null for none. (SVC-17) */
export function mayBeRedirected(
  snapshot: CompiledSnapshot,
  service: ServiceFact,
  asked: readonly ServicePort[],
): string | null {
  const redirects = redirectsOf(snapshot);
  if (redirects === null || service.headless || takesOver(redirects.options) !== null) return null;
  const isAsked = (one: Port): boolean => asked.some((other) => isSamePort(one, other));
  const found = ofAddressesOf(service, redirects).find(({ from }) => from.some(isAsked));
  return found === undefined ? null : nameOf(found);
}

const ofAddressesOf = ({ clusterIps }: ServiceFact, { byAddress }: Redirects): readonly LocalRedirect[] =>
  clusterIps.flatMap((ip) => byAddress.get(canonicalIp(ip) ?? '') ?? []);

export const redirectName = (by: string): string => `CiliumLocalRedirectPolicy ${by}`;

/** Which policies lead clients to pods on their own nodes, in words. */
export function redirectText(by: readonly string[]): string {
  return `${redirectName(by.join(', '))} ${by.length === 1 ? 'leads' : 'lead'} to pods on the client's own node`;
}

const nameOf = ({ namespace, name }: LocalRedirect): string => `${namespace}/${name}`;

/** The port that a redirect leads to. By a name only pods that have a port of that name are led to. */
interface RedirectTarget {
  readonly port: RedirectPort;
  readonly byName: boolean;
}

interface Redirection {
  readonly redirect: LocalRedirect;
  readonly target: RedirectTarget;
}

function withTarget(redirect: LocalRedirect, target: RedirectTarget | null): readonly Redirection[] {
  return target === null ? [] : [{ redirect, target }];
}

function targetForService({ from, to }: LocalRedirect, asked: ServicePort, isOnly: boolean): RedirectTarget | null {
  const isNamed = from.length === 0 || from.some((one) => isSamePort(one, asked));
  if (!isNamed) return null;
  const same = to.find(({ name, protocol }) => name !== '' && name === asked.name && protocol === asked.protocol);
  if (from.length === 1 || (from.length === 0 && isOnly)) return alone(same ?? to[0], asked);
  return same === undefined ? null : { port: same, byName: true };
}

function targetForAddress(
  { from, to }: LocalRedirect,
  asked: Pick<RedirectPort, 'protocol' | 'port'>,
): RedirectTarget | null {
  const found = from.find((one) => isSamePort(one, asked));
  if (found === undefined) return null;
  if (from.length === 1) return alone(to[0], asked);
  const same = to.find(({ name, protocol }) => name === found.name && protocol === asked.protocol);
  return same === undefined ? null : { port: same, byName: true };
}

type Port = Pick<RedirectPort, 'protocol' | 'port'>;

const isSamePort = (one: Port, other: Port): boolean => one.port === other.port && one.protocol === other.protocol;

const alone = (port: RedirectPort | undefined, asked: Port): RedirectTarget | null =>
  port?.protocol === asked.protocol ? { port, byName: false } : null;

function redirectedBy(snapshot: CompiledSnapshot, redirections: readonly Redirection[]): Redirected | null {
  const each = redirections.map(({ redirect, target }) => {
    const chosen = podsOf(snapshot, redirect);
    const pods = chosen.filter((pod) => !target.byName || hasPort(pod, target.port));
    return { redirect, target, chosen, pods, nodes: new Set(pods.map(({ node }) => node)) };
  });
  const holding = each.filter(({ pods }) => pods.length > 0);
  if (holding.length === 0) return null;
  // Of several for one port any may hold.
  const isLeft = (node: string): boolean => holding.some(({ nodes }) => !nodes.has(node));
  const spared = holding.flatMap(({ redirect, chosen }) => (redirect.sparesItsPods ? chosen : []));
  const all = [...nodeNames(snapshot)];
  const areasLed = (node: string): readonly Area[] => (spared.length > 0 ? [node] : areasOn(node));
  return {
    pods: holding.flatMap(({ pods, target: { port } }) =>
      pods.map((endpoint) => ({ endpoint, port: port.port, areas: new Set(areasLed(endpoint.node)) })),
    ),
    others: new Set([...all.filter(isLeft), ...all.filter((node) => isLeft(node) || spared.length > 0).map(sparedOn)]),
    spared,
    by: [...new Set(holding.map(({ redirect }) => nameOf(redirect)))],
  };
}

/** The nodes that endpoints are on. */
export const nodeNames = oncePer(
  ({ endpoints }: CompiledSnapshot): ReadonlySet<string> =>
    new Set(endpoints.map(({ node }) => node).filter((node) => node !== '')),
);

const hasPort = ({ ports }: Endpoint, asked: RedirectPort): boolean =>
  ports.some((port) => !port.init && port.name === asked.name && isSamePort(port, asked));

const MATCHERS = oncePer(({ pods }: LocalRedirect) => compileSelector(pods));

/** The pods that a policy chooses and that are ready. */
function podsOf({ directory }: CompiledSnapshot, redirect: LocalRedirect): readonly Endpoint[] {
  const matches = MATCHERS(redirect);
  return directory
    .namespace(redirect.namespace)
    .filter((pod) => pod.ready && pod.node !== '' && !pod.hypothetical && matches(pod, pod) === YES);
}
