import type { OraclePod } from './cluster.js';
import { namespaceOf } from './cluster.js';
import { get, has, items, labelMap, str } from './fields.js';
import { configOf, isExported, objectsOf, oldestFirst, textMatches, wholeHost, type Told } from './istio-mesh.js';
import type { Scene } from './network-policy.js';
import { serviceAt } from './services.js';

/** A Service, or a subset of it, and the port of it that is used; null for the one that is asked for. */
export interface Sent {
  readonly service: string;
  readonly subset: string;
  readonly port: number | null;
}

/** IM-49: whether DestinationRules, or the want of one, keep the client from mutual TLS of the mesh. */
export function ownTls(client: OraclePod, sent: Sent, scene: Scene): Told {
  const [home = '', name = ''] = sent.service.split('/');
  if (serviceAt(home, name, scene.cluster) === undefined) return 'no';
  const { tls, isForAll } = tlsFor(client, sent, scene);
  if (tls === undefined) return configOf(scene).autoMtls ? 'no' : 'yes';
  const mode = str(get(tls, 'mode'));
  if (mode === 'ISTIO_MUTUAL') return 'no';
  if (mode !== 'MUTUAL') return 'yes';
  return has(tls, 'credentialName') && isForAll ? 'yes' : 'open';
}

/** IM-52: whether a DestinationRule says in so many words that the client speaks mutual TLS of the mesh. */
export function demandsMutualTls(client: OraclePod, sent: Sent, scene: Scene): boolean {
  return str(get(tlsFor(client, sent, scene).tls, 'mode')) === 'ISTIO_MUTUAL';
}

interface ToldTls {
  readonly tls: unknown;
  readonly isForAll: boolean;
}

/** IM-49: what the rule that holds for a client says of the port that it asks for. */
function tlsFor(client: OraclePod, { service, subset, port }: Sent, scene: Scene): ToldTls {
  const united = rulesFor(client.namespace, service, scene);
  const chosen = united.find(({ labels }) => labels !== null && isLabelled(client, labels));
  const rule = chosen ?? united.filter(({ labels }) => labels === null).at(-1);
  const settingsIn = (policy: unknown): unknown =>
    items(get(policy, 'portLevelSettings')).find(
      (one) => get(one, 'port', 'number') === (port ?? scene.packet.servicePort),
    );
  const whole = get(settingsIn(rule?.policy) ?? rule?.policy, 'tls');
  const isForAll = rule?.labels === null;
  const own = subset === '' ? undefined : rule?.subsets.find((one) => get(one, 'name') === subset);
  const policy = get(own, 'trafficPolicy');
  const settings = settingsIn(policy);
  return { tls: settings === undefined ? (get(policy, 'tls') ?? whole) : get(settings, 'tls'), isForAll };
}

interface United {
  /** Labels of the clients that it is for; null for all. */
  readonly labels: ReadonlyMap<string, string> | null;
  readonly said: readonly string[];
  readonly home: string;
  readonly subsets: unknown[];
  policy: unknown;
}

const isLabelled = ({ labels }: OraclePod, wanted: ReadonlyMap<string, string>): boolean =>
  [...wanted].every(([key, value]) => labels.get(key) === value);

const textOf = (labels: United['labels']): string => (labels === null ? 'all' : JSON.stringify([...labels].sort()));

/** IM-49: the rules that proxies of a namespace go by, as the mesh puts them together. */
function rulesFor(client: string, service: string, scene: Scene): readonly United[] {
  const [home = '', name = ''] = service.split('/');
  const { root, exportTo } = configOf(scene);
  const host = `${name}.${home}.svc.cluster.local`;
  const sorted = oldestFirst(objectsOf('DestinationRule', scene)).filter((one) => textMatches(hostOf(one), host));
  const all = [...sorted.filter(isForSome), ...sorted.filter((one) => !isForSome(one))];
  const isShown = (said: readonly string[], from: string, to: string): boolean =>
    isExported(said, from, exportTo.DestinationRule, to);
  const isKept = (one: unknown): boolean => {
    const said = saidBy(one).length === 0 ? [exportTo.DestinationRule] : saidBy(one);
    return said.length === 1 && ['.', namespaceOf(one)].includes(said[0] ?? '');
  };
  const inNamespace = (namespace: string, is: (one: unknown) => boolean): readonly United[] =>
    unite(narrowest(all.filter((one) => namespaceOf(one) === namespace && is(one))));
  const own = inNamespace(client, (one) => isShown(saidBy(one), client, client) && (client !== root || isKept(one)));
  if (own.length > 0) return own;
  const away = [home, root].map((namespace) =>
    inNamespace(namespace, (one) => !isKept(one)).filter((one) => isShown(one.said, one.home, client)),
  );
  return away.find((found) => found.length > 0) ?? [];
}

const isForSome = (rule: unknown): boolean => has(get(rule, 'spec'), 'workloadSelector');
const saidBy = (rule: unknown): readonly string[] =>
  isForSome(rule) ? ['.'] : [...new Set(items(get(rule, 'spec', 'exportTo')).map(str))];

/** IM-49: what is for the same clients and says the same is one; what says more than another is a part of it as well. */
function unite(rules: readonly unknown[]): readonly United[] {
  const out: United[] = [];
  for (const one of rules) {
    const labels = isForSome(one) ? labelMap(get(one, 'spec', 'workloadSelector', 'matchLabels')) : null;
    const made: United = {
      labels,
      said: saidBy(one),
      home: namespaceOf(one),
      subsets: [...items(get(one, 'spec', 'subsets'))],
      policy: get(one, 'spec', 'trafficPolicy'),
    };
    let standsApart = true;
    for (const other of out) {
      const saysIt =
        other.said.length === 0 ? made.said.length === 0 : other.said.every((target) => made.said.includes(target));
      const forTheSame = textOf(labels) === textOf(other.labels);
      standsApart = !(saysIt && forTheSame);
      const forOthers = labels !== null && other.labels !== null && !forTheSame;
      if (!saysIt || forOthers) continue;
      if (other.policy === undefined) other.policy = made.policy;
      const names = other.subsets.map((subset) => get(subset, 'name'));
      other.subsets.push(...made.subsets.filter((subset) => !names.includes(get(subset, 'name'))));
    }
    if (standsApart) out.push(made);
  }
  return out;
}

const hostOf = (rule: unknown): string => wholeHost(get(rule, 'spec', 'host'), namespaceOf(rule));

/** Whole names first, then the longest ending. */
function narrowest(rules: readonly unknown[]): readonly unknown[] {
  const rank = (rule: unknown): number => (hostOf(rule).startsWith('*') ? hostOf(rule).length : 1000);
  const best = Math.max(...rules.map(rank));
  return rules.filter((rule) => rank(rule) === best);
}
