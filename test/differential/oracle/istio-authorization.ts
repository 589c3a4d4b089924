import { blockContains } from './addresses.js';
import { namespaceOf, type OraclePod } from './cluster.js';
import { get, has, items, str } from './fields.js';
import { GATEWAY_API, GATEWAY_NAME, gatewayAt } from './gateways.js';
import { mutualTls } from './istio-authentication.js';
import { configOf, membership, seenBy, textMatches, type MeshConfig } from './istio-mesh.js';
import { asksForCertificates, servesGateway } from './istio-listeners.js';
import { isPlain } from './istio-sidecars.js';
import { every, opposite, some, truth, type Truth } from './istio-truth.js';
import type { Scene } from './network-policy.js';
import { selectorMatches } from './selectors.js';

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

/** IM-14, IM-37, IM-63: members have an identity, but not at sidecars without mutual TLS, unless ztunnel carries the connection. */
function identityOf(scene: Scene): Identity {
  const { source, destination, port } = scene.packet;
  if (source.type !== 'pod') return { proven: 'no', namespace: '', account: '' };
  const shared = { namespace: source.namespace, account: source.serviceAccount };
  const client = membership(source, scene);
  if (client === 'none') return { ...shared, proven: 'no' };
  if (destination.type === 'pod' && servesGateway(destination, scene)) {
    const isAsked = asksForCertificates(destination, scene);
    return { ...shared, proven: isAsked ? 'open' : 'no' };
  }
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

/** IM-66: the client's own domain, and that of the server's mesh where the client's would be another one. */
function domains(scene: Scene): { readonly own: MeshConfig; readonly ofServer: (client: string) => string } {
  const [server, own] = [configOf(scene), configOf(seenBy(scene.packet.source, scene))];
  const isOne = server.trustDomain === own.trustDomain;
  return { own, ofServer: (client) => (isOne ? client : (server.trustDomain ?? 'cluster.local')) };
}

/** IM-15, IM-41. */
function principalMatches(pattern: string, identity: Identity, scene: Scene): Truth {
  const config = configOf(scene);
  const { own, ofServer } = domains(scene);
  const holds = (domain: string): boolean => {
    const all = atZtunnel(scene) ? [pattern] : spellings(pattern, [ofServer(domain), ...config.aliases]);
    return all.some((one) => textMatches(one, `${domain}/ns/${identity.namespace}/sa/${identity.account}`));
  };
  return every([identity.proven, inDomain(pattern, own, holds)]);
}

/** IM-40. */
function trustDomainMatches(pattern: string, identity: Identity, scene: Scene): Truth {
  const config = configOf(scene);
  const { own, ofServer } = domains(scene);
  const holds = (domain: string): boolean => {
    const mesh = [ofServer(domain), ...config.aliases];
    return (mesh.includes(pattern) && mesh.includes(domain)) || textMatches(pattern, domain);
  };
  return every([identity.proven, inDomain(pattern, own, holds)]);
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

const SOURCE_TESTS = {
  principals: (value, _policy, scene) => principalMatches(value, identityOf(scene), scene),
  namespaces: (value, _policy, scene) => namespaceMatches(value, identityOf(scene), scene),
  trustDomains: (value, _policy, scene) => trustDomainMatches(value, identityOf(scene), scene),
  serviceAccounts: (value, policy, scene) => accountMatches(value, policy, identityOf(scene)),
  ipBlocks: (value, _policy, scene) => addressMatches(value, scene, 'source'),
  remoteIpBlocks: 'remote',
} as const satisfies Readonly<Record<string, Test | 'remote'>>;

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

const CONDITION_TESTS: Readonly<Record<string, Test | 'remote'>> = {
  'source.ip': (value, policy, scene) => addressMatches(value, scene, 'source'),
  'source.namespace': SOURCE_TESTS.namespaces,
  'source.principal': SOURCE_TESTS.principals,
  'source.serviceAccount': SOURCE_TESTS.serviceAccounts,
  'source.trustDomain': SOURCE_TESTS.trustDomains,
  'remote.ip': SOURCE_TESTS.remoteIpBlocks,
  'destination.ip': (value, policy, scene) => addressMatches(value, scene, 'destination'),
  'destination.port': (value, policy, scene) => (OPERATION_TESTS['ports'] as Test)(value, policy, scene),
};

/** IM-21: of the connection, or else of what a request says that it is forwarded for. */
function remoteHolds(values: readonly unknown[], negated: boolean, scene: Scene): Truth {
  const isHere = values.some((value) => addressMatches(str(value), scene, 'source') === 'yes');
  if (isHere !== negated) return 'yes';
  const said = scene.packet.request?.forwarded;
  return said === undefined ? 'by-request' : truth(values.includes(said) !== negated);
}

/** One field: any of its values, none of them when the field is a negated one. */
function fieldHolds(
  values: readonly unknown[],
  negated: boolean,
  test: Test | 'remote',
  policy: unknown,
  scene: Scene,
): Truth {
  if (test === 'remote') return remoteHolds(values, negated, scene);
  const any = some(values.map((value) => test(str(value), policy, scene)));
  return negated ? opposite(any) : any;
}

const negatedName = (name: string): string => `not${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** A source or an operation: all of its fields. */
function partHolds(
  part: unknown,
  tests: Readonly<Record<string, Test | 'remote'>>,
  policy: unknown,
  scene: Scene,
): Truth {
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
  const test = CONDITION_TESTS[str(get(condition, 'key'))] as Test | 'remote';
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

/** IM-61: whether some part of a rule is about requests, so that of an ALLOW nothing is left for what is no HTTP. */
function asksOfRequests(rule: unknown): boolean {
  const operations = items(get(rule, 'to')).map((one) => get(one, 'operation'));
  return ['hosts', 'methods', 'paths'].some((name) =>
    operations.some((one) => [name, negatedName(name)].some((key) => items(get(one, key)).length > 0)),
  );
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

/** IM-10, IM-11, IM-42: whether the pod serves a target that is a gateway, of a policy in `home`. */
function serves(pod: OraclePod, target: unknown, home: string, scene: Scene): Truth {
  const name = str(get(target, 'name'));
  const kind = `${str(get(target, 'group'))}/${str(get(target, 'kind'))}`;
  if (kind === 'networking.istio.io/Gateway') {
    const own = gatewayAt('networking.istio.io', home, name, scene.cluster);
    return own !== undefined && selectorMatches({ matchLabels: get(own, 'spec', 'selector') }, pod.labels)
      ? 'open'
      : 'no';
  }
  if (kind !== `${GATEWAY_API}/Gateway` || home !== pod.namespace) return 'no';
  const gateway = gatewayAt(GATEWAY_API, pod.namespace, name, scene.cluster);
  if (str(get(gateway, 'spec', 'gatewayClassName')) === 'istio-waypoint') return 'no';
  return truth(pod.labels.get(GATEWAY_NAME) === name);
}

/** IM-7, IM-9: the policy's namespace, or the whole mesh; and its selector. */
function holdsFor(policy: unknown, workload: OraclePod, scene: Scene): Truth {
  const home = namespaceOf(policy);
  const targets = items(get(policy, 'spec', 'targetRefs'));
  if (targets.length > 0) return some(targets.map((one) => serves(workload, one, home, scene)));
  if (home !== configOf(scene).root && home !== workload.namespace) return 'no';
  // IM-58: a waypoint's own pods hold to what is attached to it alone.
  const served = gatewayAt(GATEWAY_API, workload.namespace, workload.labels.get(GATEWAY_NAME) ?? '', scene.cluster);
  if (str(get(served, 'spec', 'gatewayClassName')) === 'istio-waypoint') return 'no';
  const selector = get(policy, 'spec', 'selector');
  // IM-59: ztunnel is told of no policy whose selector has no labels.
  if (selector !== undefined && !has(selector, 'matchLabels') && membership(workload, scene) === 'ambient') return 'no';
  return truth(selectorMatches(selector, workload.labels));
}

export interface Applied {
  readonly policy: unknown;
  readonly holds: Truth;
}

export function policiesFor(action: string, workload: OraclePod, scene: Scene): readonly Applied[] {
  const dryRun = (policy: unknown): boolean => get(policy, 'metadata', 'annotations', 'istio.io/dry-run') === 'true';
  return (scene.cluster.objects.get('AuthorizationPolicy.security.istio.io') ?? [])
    .filter((policy) => (str(get(policy, 'spec', 'action')) || 'ALLOW') === action && !dryRun(policy))
    .map((policy) => ({ policy, holds: holdsFor(policy, workload, scene) }))
    .filter(({ holds }) => holds !== 'no');
}

export function anyRuleHolds(policies: readonly Applied[], action: string, atZtunnel: boolean, scene: Scene): Truth {
  return some(
    policies.flatMap(({ policy, holds }) =>
      items(get(policy, 'spec', 'rules')).map((rule): Truth => {
        const read = atZtunnel ? forZtunnel(rule, action) : rule;
        if (read === null) return 'no';
        const isHttpAlone = action === 'ALLOW' && asksOfRequests(read) && scene.packet.request === undefined;
        return every([holds, ruleHolds(read, policy, scene), isHttpAlone ? 'by-request' : 'yes']);
      }),
    ),
  );
}
