import { blockContains } from './addresses.js';
import { nameOf, namespaceOf, type OraclePod } from './cluster.js';
import { get, has, items, labelMap, nonEmpty, str } from './fields.js';
import {
  configOf,
  GATEWAY_API,
  GATEWAY_NAME,
  membership,
  oldestFirst,
  textMatches,
  type MeshConfig,
} from './istio-mesh.js';
import { isPlain } from './istio-sidecars.js';
import { networkPolicyVerdict, type Scene } from './network-policy.js';
import { requestsLike } from './requests.js';
import { selectorMatches } from './selectors.js';
import { serviceAt } from './services.js';

/** Three-valued truth: `open` is what the inventory or the question does not tell. */
type Truth = 'yes' | 'no' | 'open' | 'by-request';

const HBONE = 15008;
/** Every truth value that a conjunction can take its result from, the worst first. */
function every(parts: readonly Truth[]): Truth {
  return (['no', 'open', 'by-request'] as const).find((value) => parts.includes(value)) ?? 'yes';
}

function some(parts: readonly Truth[]): Truth {
  return (['yes', 'by-request', 'open'] as const).find((value) => parts.includes(value)) ?? 'no';
}

function opposite(value: Truth): Truth {
  if (value === 'yes') return 'no';
  return value === 'no' ? 'yes' : value;
}

const truth = (value: boolean): Truth => (value ? 'yes' : 'no');

/** IM-19: in a template `{*}` is some characters without a slash, `{**}` any characters, none too. */
function pathMatches(pattern: string, path: string): boolean {
  return pattern.includes('{') ? templateMatches(pattern, path) : textMatches(pattern, path);
}

function templateMatches(template: string, path: string): boolean {
  const at = template.indexOf('{');
  if (at < 0) return template === path;
  if (!path.startsWith(template.slice(0, at))) return false;
  const end = template.indexOf('}', at);
  const isDeep = template.slice(at, end) === '{**';
  for (let length = isDeep ? 0 : 1; at + length <= path.length; length++) {
    if (!isDeep && path.charAt(at + length - 1) === '/') return false;
    if (templateMatches(template.slice(end + 1), path.slice(at + length))) return true;
  }
  return false;
}

/** What the server knows of the client: whether it has an identity there, and whose it would be. */
interface Identity {
  readonly proven: Truth;
  readonly namespace: string;
  readonly account: string;
}

/** IM-14, IM-37: members have an identity, but not at sidecars without mutual TLS, unless ztunnel carries the connection. */
function identityOf(scene: Scene): Identity {
  const { source, destination, port } = scene.packet;
  if (source.type !== 'pod') return { proven: 'no', namespace: '', account: '' };
  const shared = { namespace: source.namespace, account: source.serviceAccount };
  const client = membership(source, scene);
  if (client === 'none') return { ...shared, proven: 'no' };
  const server = membership(destination, scene);
  const silent = server !== 'ambient' && mutualTls(scene, port ?? 0) === 'DISABLE';
  if (silent && client !== 'ambient') return { ...shared, proven: 'no' };
  const known: Truth = client === 'partly' ? 'open' : 'yes';
  return { ...shared, proven: every([known, opposite(isPlain(scene))]) };
}

const atZtunnel = (scene: Scene): boolean => membership(scene.packet.destination, scene) === 'ambient';

/**
 * Whether something holds of the client's trust domain. Where the mesh does not tell its own it is taken for the usual
 * one; where another one, spelt as in the pattern, would make it hold, that is left open.
 */
function inDomain(pattern: string, { trustDomain }: MeshConfig, holds: (domain: string) => boolean): Truth {
  if (trustDomain !== null) return truth(holds(trustDomain));
  if (holds('cluster.local')) return 'yes';
  const [written = ''] = pattern.split('/');
  const others = [written.replaceAll('*', ''), written.replaceAll('*', 'x')];
  return others.some((domain) => domain !== '' && holds(domain)) ? 'open' : 'no';
}

/** IM-15: what a sidecar makes of a whole principal that names one of the mesh's domains. */
function spellings(pattern: string, domains: readonly string[]): readonly string[] {
  const [written = '', ...rest] = pattern.split('/');
  const names = written === 'cluster.local' || domains.some((domain) => textMatches(written, domain));
  if (rest.length !== 4 || written === '*' || !names) return [pattern];
  const keeps = (domain: string): boolean => written.startsWith('*') && textMatches(written, domain);
  return domains.map((domain) => (keeps(domain) ? pattern : `${domain}/${rest.join('/')}`));
}

/** IM-15, IM-41. */
function principalMatches(pattern: string, identity: Identity, scene: Scene): Truth {
  const config = configOf(scene);
  const holds = (domain: string): boolean => {
    const all = atZtunnel(scene) ? [pattern] : spellings(pattern, [domain, ...config.aliases]);
    return all.some((one) => textMatches(one, `${domain}/ns/${identity.namespace}/sa/${identity.account}`));
  };
  return every([identity.proven, inDomain(pattern, config, holds)]);
}

/** IM-40. */
function trustDomainMatches(pattern: string, identity: Identity, scene: Scene): Truth {
  const config = configOf(scene);
  const holds = (domain: string): boolean => {
    const mesh = [domain, ...config.aliases];
    return mesh.includes(pattern) || textMatches(pattern, domain);
  };
  return every([identity.proven, inDomain(pattern, config, holds)]);
}

/** IM-16: a sidecar searches the whole identity for it. */
function namespaceMatches(pattern: string, identity: Identity, scene: Scene): Truth {
  const searched = new RegExp(`^.*/ns/${pattern.replaceAll('*', '.*')}/.*$`);
  const found = atZtunnel(scene)
    ? textMatches(pattern, identity.namespace)
    : searched.test(`spiffe://any/ns/${identity.namespace}/sa/${identity.account}`);
  return every([identity.proven, truth(found)]);
}

function accountMatches(value: string, policy: unknown, identity: Identity): Truth {
  const [namespace, account] = value.includes('/') ? value.split('/') : [namespaceOf(policy), value];
  return every([identity.proven, truth(identity.namespace === namespace && identity.account === account)]);
}

function addressMatches(block: string, scene: Scene, side: 'source' | 'destination'): Truth {
  const address = side === 'source' ? scene.packet.sourceAddress : scene.packet.destinationAddress;
  return truth(address !== null && blockContains(block, address));
}

type Test = (value: string, policy: unknown, scene: Scene) => Truth;

const SOURCE_TESTS: Readonly<Record<string, Test>> = {
  principals: (value, _policy, scene) => principalMatches(value, identityOf(scene), scene),
  namespaces: (value, _policy, scene) => namespaceMatches(value, identityOf(scene), scene),
  trustDomains: (value, _policy, scene) => trustDomainMatches(value, identityOf(scene), scene),
  serviceAccounts: (value, policy, scene) => accountMatches(value, policy, identityOf(scene)),
  ipBlocks: (value, _policy, scene) => addressMatches(value, scene, 'source'),
};

const OPERATION_TESTS: Readonly<Record<string, Test>> = {
  ports: (value, _policy, scene) => truth(Number(value) === scene.packet.port),
  methods: (value, _policy, { packet }) =>
    packet.request?.method === undefined ? 'by-request' : truth(textMatches(value, packet.request.method)),
  paths: (value, _policy, { packet }) =>
    packet.request?.path === undefined ? 'by-request' : truth(pathMatches(value, packet.request.path)),
  hosts: (value, _policy, { packet }) =>
    packet.request?.host === undefined
      ? 'by-request'
      : truth(textMatches(value.toLowerCase(), packet.request.host.toLowerCase())),
};

const CONDITION_TESTS: Readonly<Record<string, Test>> = {
  'source.ip': (value, policy, scene) => addressMatches(value, scene, 'source'),
  'source.namespace': (value, policy, scene) => (SOURCE_TESTS['namespaces'] as Test)(value, policy, scene),
  'source.principal': (value, policy, scene) => (SOURCE_TESTS['principals'] as Test)(value, policy, scene),
  'source.serviceAccount': (value, policy, scene) => (SOURCE_TESTS['serviceAccounts'] as Test)(value, policy, scene),
  'source.trustDomain': (value, policy, scene) => (SOURCE_TESTS['trustDomains'] as Test)(value, policy, scene),
  'destination.ip': (value, policy, scene) => addressMatches(value, scene, 'destination'),
  'destination.port': (value, policy, scene) => (OPERATION_TESTS['ports'] as Test)(value, policy, scene),
};

/** One field: any of its values, none of them when the field is a negated one. */
function fieldHolds(values: readonly unknown[], negated: boolean, test: Test, policy: unknown, scene: Scene): Truth {
  const any = some(values.map((value) => test(str(value), policy, scene)));
  return negated ? opposite(any) : any;
}

const negatedName = (name: string): string => `not${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** A source or an operation: all of its fields. */
function partHolds(part: unknown, tests: Readonly<Record<string, Test>>, policy: unknown, scene: Scene): Truth {
  const results: Truth[] = [];
  for (const [name, test] of Object.entries(tests)) {
    for (const key of [name, negatedName(name)]) {
      const values = items(get(part, key));
      if (values.length > 0) results.push(fieldHolds(values, key !== name, test, policy, scene));
    }
  }
  return every(results);
}

function conditionHolds(condition: unknown, policy: unknown, scene: Scene): Truth {
  const test = CONDITION_TESTS[str(get(condition, 'key'))] as Test;
  const wanted = items(get(condition, 'values'));
  const unwanted = items(get(condition, 'notValues'));
  return every([
    ...(wanted.length > 0 ? [fieldHolds(wanted, false, test, policy, scene)] : []),
    ...(unwanted.length > 0 ? [fieldHolds(unwanted, true, test, policy, scene)] : []),
  ]);
}

/** IM-13: one of `from`, one of `to`, all of `when`. */
function ruleHolds(rule: unknown, policy: unknown, scene: Scene): Truth {
  const from = items(get(rule, 'from')).map((one) => partHolds(get(one, 'source'), SOURCE_TESTS, policy, scene));
  const to = items(get(rule, 'to')).map((one) => partHolds(get(one, 'operation'), OPERATION_TESTS, policy, scene));
  const when = items(get(rule, 'when')).map((one) => conditionHolds(one, policy, scene));
  return every([...(from.length > 0 ? [some(from)] : []), ...(to.length > 0 ? [some(to)] : []), ...when]);
}

/** What ztunnel reads of a rule. */
const AT_ZTUNNEL = {
  source: ['principals', 'namespaces', 'serviceAccounts', 'ipBlocks'],
  operation: ['ports'],
  keys: ['source.ip', 'source.namespace', 'source.principal', 'destination.ip', 'destination.port'],
} as const;

/** IM-25, IM-26: a rule as ztunnel has it; null where it matches nothing there. */
function forZtunnel(rule: unknown, action: string): unknown {
  let whole = items(get(rule, 'when')).every((one) =>
    (AT_ZTUNNEL.keys as readonly string[]).includes(str(get(one, 'key'))),
  );
  // A condition of which nothing is left matches nothing.
  if (!whole) return null;
  const read: Record<string, unknown> = { ...(rule as object) };
  for (const [list, part] of [['from', 'source'] as const, ['to', 'operation'] as const]) {
    if (!has(rule, list)) continue;
    const known = AT_ZTUNNEL[part].flatMap((name) => [name, negatedName(name)]);
    const parts = items(get(rule, list)).map((one) =>
      Object.entries(get(one, part) ?? {}).filter(([, values]) => items(values).length > 0),
    );
    const left = parts.map((fields) => fields.filter(([name]) => known.includes(name)));
    whole &&= parts.every((fields, index) => fields.length === left[index]?.length);
    read[list] = left.filter((fields) => fields.length > 0).map((fields) => ({ [part]: Object.fromEntries(fields) }));
    if ((read[list] as readonly unknown[]).length === 0) return null;
  }
  return whole || action !== 'ALLOW' ? read : null;
}

function gatewayAt(group: string, namespace: string, name: string, scene: Scene): unknown {
  const all = scene.cluster.objects.get(`Gateway.${group}`) ?? [];
  return all.find((one) => namespaceOf(one) === namespace && nameOf(one) === name);
}

/** IM-10, IM-11, IM-42: whether the pod serves a target that is a gateway, of a policy in `home`. */
function serves(pod: OraclePod, target: unknown, home: string, scene: Scene): Truth {
  const name = str(get(target, 'name'));
  const kind = `${str(get(target, 'group'))}/${str(get(target, 'kind'))}`;
  if (kind === 'networking.istio.io/Gateway') {
    const own = gatewayAt('networking.istio.io', home, name, scene);
    return own !== undefined && selectorMatches({ matchLabels: get(own, 'spec', 'selector') }, pod.labels)
      ? 'open'
      : 'no';
  }
  if (kind !== `${GATEWAY_API}/Gateway` || home !== pod.namespace) return 'no';
  const gateway = gatewayAt(GATEWAY_API, pod.namespace, name, scene);
  if (str(get(gateway, 'spec', 'gatewayClassName')) === 'istio-waypoint') return 'no';
  return truth(pod.labels.get(GATEWAY_NAME) === name);
}

/** IM-7, IM-9: the policy's namespace, or the whole mesh; and its selector. */
function holdsFor(policy: unknown, workload: OraclePod, scene: Scene): Truth {
  const home = namespaceOf(policy);
  const targets = items(get(policy, 'spec', 'targetRefs'));
  if (targets.length > 0) return some(targets.map((one) => serves(workload, one, home, scene)));
  if (home !== configOf(scene).root && home !== workload.namespace) return 'no';
  return truth(selectorMatches(get(policy, 'spec', 'selector'), workload.labels));
}

interface Applied {
  readonly policy: unknown;
  readonly holds: Truth;
}

function policiesFor(action: string, workload: OraclePod, scene: Scene): readonly Applied[] {
  const dryRun = (policy: unknown): boolean => get(policy, 'metadata', 'annotations', 'istio.io/dry-run') === 'true';
  return (scene.cluster.objects.get('AuthorizationPolicy.security.istio.io') ?? [])
    .filter((policy) => (str(get(policy, 'spec', 'action')) || 'ALLOW') === action && !dryRun(policy))
    .map((policy) => ({ policy, holds: holdsFor(policy, workload, scene) }))
    .filter(({ holds }) => holds !== 'no');
}

function anyRuleHolds(policies: readonly Applied[], action: string, atZtunnel: boolean, scene: Scene): Truth {
  return some(
    policies.flatMap(({ policy, holds }) =>
      items(get(policy, 'spec', 'rules')).map((rule): Truth => {
        const read = atZtunnel ? forZtunnel(rule, action) : rule;
        return read === null ? 'no' : every([holds, ruleHolds(read, policy, scene)]);
      }),
    ),
  );
}

type Mode = 'DISABLE' | 'PERMISSIVE' | 'STRICT';

const authentications = (scene: Scene): readonly unknown[] =>
  oldestFirst(scene.cluster.objects.get('PeerAuthentication.security.istio.io') ?? []);

const labelsWanted = (one: unknown): ReadonlyMap<string, string> =>
  labelMap(get(one, 'spec', 'selector', 'matchLabels'));
const setMode = (value: unknown): Mode | null => {
  const mode = str(get(value, 'mode'));
  return mode === '' || mode === 'UNSET' ? null : (mode as Mode);
};

/** IM-28 to IM-31: the workload's own policy, else its namespace's, else the mesh's; of two, the older one. */
function mutualTls(scene: Scene, port: number): Mode {
  const workload = scene.packet.destination as OraclePod;
  const { root } = configOf(scene);
  const all = authentications(scene);
  const own = all.find(
    (one) =>
      labelsWanted(one).size > 0 &&
      namespaceOf(one) === workload.namespace &&
      namespaceOf(one) !== root &&
      selectorMatches(get(one, 'spec', 'selector'), workload.labels),
  );
  const whole = (namespace: string): unknown =>
    all.find((one) => labelsWanted(one).size === 0 && namespaceOf(one) === namespace);
  const ofNamespace = workload.namespace === root ? undefined : whole(workload.namespace);
  const ofPort = setMode(get(own, 'spec', 'portLevelMtls', String(port)));
  const ofWorkload = setMode(get(own, 'spec', 'mtls'));
  const inherited =
    setMode(get(ofNamespace, 'spec', 'mtls')) ?? setMode(get(whole(root), 'spec', 'mtls')) ?? 'PERMISSIVE';
  const ofPorts = Object.values(get(own, 'spec', 'portLevelMtls') ?? {}).map(setMode);
  const ztunnelKeepsStrict =
    atZtunnel(scene) && ofWorkload === null && inherited === 'STRICT' && !ofPorts.includes('PERMISSIVE');
  return ztunnelKeepsStrict ? 'STRICT' : (ofPort ?? ofWorkload ?? inherited);
}

/** IM-32: a selector in the root namespace may hold for workloads of every namespace. */
function rootSelectorMayBeStrict(scene: Scene, port: number): boolean {
  const workload = scene.packet.destination as OraclePod;
  return authentications(scene).some(
    (one) =>
      labelsWanted(one).size > 0 &&
      namespaceOf(one) === configOf(scene).root &&
      selectorMatches(get(one, 'spec', 'selector'), workload.labels) &&
      (setMode(get(one, 'spec', 'portLevelMtls', String(port))) ?? setMode(get(one, 'spec', 'mtls'))) === 'STRICT',
  );
}

/** How likely a refusal is: by mutual TLS, by CUSTOM, which nobody can tell, by DENY, or for want of an ALLOW. */
function meshRefuses(workload: OraclePod, scene: Scene): Truth {
  const isAmbient = membership(workload, scene) === 'ambient';
  const port = scene.packet.port ?? 0;
  const member = scene.packet.source.type === 'pod' ? membership(scene.packet.source, scene) : 'none';
  const unproven: Truth = member === 'none' ? 'yes' : member === 'partly' ? 'open' : 'no';
  const anonymous = some([unproven, isPlain(scene)]);
  const refusals: Truth[] = [every([truth(mutualTls(scene, port) === 'STRICT'), anonymous])];
  if (rootSelectorMayBeStrict(scene, port)) refusals.push(every(['open', anonymous]));
  if (!isAmbient) {
    const custom = anyRuleHolds(policiesFor('CUSTOM', workload, scene), 'CUSTOM', false, scene);
    if (custom !== 'no') refusals.push('open');
  }
  const denied = anyRuleHolds(policiesFor('DENY', workload, scene), 'DENY', isAmbient, scene);
  // A DENY that asks about requests refuses until the request is told.
  refusals.push(denied === 'by-request' ? 'open' : denied);
  const allowing = policiesFor('ALLOW', workload, scene);
  if (allowing.length > 0) {
    const closes = some(allowing.map(({ holds }) => holds));
    refusals.push(every([closes, opposite(anyRuleHolds(allowing, 'ALLOW', isAmbient, scene))]));
  }
  return some(refusals) === 'by-request' && refusals.includes('open') ? 'open' : some(refusals);
}

/** IM-6: the mesh decides at the destination, and about TCP only. */
export function meshVerdict(scene: Scene): 'allow' | 'deny' | 'unknown' | 'conditional' {
  const { destination, protocol } = scene.packet;
  if (protocol !== 'TCP' || destination.type !== 'pod') return 'allow';
  const mode = membership(destination, scene);
  if (mode === 'none') return 'allow';
  const refuses = meshRefuses(destination, scene);
  if (refuses === 'open' && requestsLike(scene).some((one) => meshRefuses(destination, one) === 'no')) {
    return 'conditional';
  }
  // What may go around the sidecar may pass, whatever the policy.
  const seen: Truth = mode === 'partly' && refuses === 'yes' ? 'open' : refuses;
  return ({ yes: 'deny', no: 'allow', open: 'unknown', 'by-request': 'conditional' } as const)[seen];
}

/** The waypoint that an object or else its namespace names, as `namespace/name`; null for none. */
function waypointOf(own: ReadonlyMap<string, string>, namespace: string, scene: Scene): string | null {
  const labels = own.has('istio.io/use-waypoint') ? own : scene.cluster.namespaces.get(namespace);
  const name = labels?.get('istio.io/use-waypoint');
  if (name === undefined || name === 'none') return null;
  return `${labels?.get('istio.io/use-waypoint-namespace') ?? namespace}/${name}`;
}

/** IM-36: whether a waypoint ends the connection on its way, so that nobody can tell what becomes of it. */
export function takesDetour(scene: Scene): boolean {
  const { source, destination, protocol, service } = scene.packet;
  const { cluster } = scene;
  if (protocol !== 'TCP' || destination.type !== 'pod' || source.type !== 'pod') return false;
  if (membership(source, scene) === 'none') return false;
  // There is an ambient mesh where the containers of some pod, as they run, make it a part of one.
  if (!cluster.pods.some((pod) => membership({ ...pod, isRunning: true }, scene) === 'ambient')) return false;
  const ways: (readonly [string | null, string])[] = [
    [waypointOf(destination.labels, destination.namespace, scene), 'workload'],
  ];
  const [home = '', ofService = ''] = (service ?? '').split('/');
  const found = serviceAt(home, ofService, cluster);
  if (found !== undefined && home === destination.namespace) {
    const labels = labelMap(get(found, 'metadata', 'labels'));
    ways.push([waypointOf(labels, destination.namespace, scene), 'service']);
  }
  return ways.some(([waypoint, traffic]) => {
    if (waypoint === null) return false;
    const [namespace = '', name = ''] = waypoint.split('/');
    const takes =
      str(get(gatewayAt(GATEWAY_API, namespace, name, scene), 'metadata', 'labels', 'istio.io/waypoint-for')) ||
      'service';
    const isOwn = source.namespace === namespace && source.labels.get(GATEWAY_NAME) === name;
    return !isOwn && (takes === traffic || takes === 'all');
  });
}

/** IM-35: the ports that the CNI may see of the connection. */
function portsSeen(scene: Scene): readonly (number | null)[] {
  const { source, destination, protocol, port } = scene.packet;
  if (protocol !== 'TCP') return [port];
  const client = membership(source, scene);
  const server = membership(destination, scene);
  if (client === 'ambient' && (server === 'ambient' || server === 'sidecar')) return [HBONE];
  return client === 'sidecar' && server === 'ambient' ? [port, HBONE] : [port];
}

/** What NetworkPolicy says of the packets that the CNI may see; empty when none isolates the subject. */
export function carriedNetworkPolicyVerdicts(scene: Scene): ReadonlySet<'allow' | 'deny'> {
  const verdicts = portsSeen(scene).map((port) =>
    networkPolicyVerdict({ ...scene, packet: { ...scene.packet, port } }),
  );
  return nonEmpty(verdicts.flatMap((verdict) => (verdict === 'open' ? (['allow', 'deny'] as const) : verdict)));
}
