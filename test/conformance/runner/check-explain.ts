import {
  addressPeers,
  allowsPort,
  explainConnections,
  INGRESS_CONTROLLER,
  ingressBackends,
  isWithin,
  subtractConnections,
  TCP,
  workloadPeers,
  type CompiledSnapshot,
  type ConnectionSet,
  type DirectionReasons,
  type Endpoint,
  type ExplainedPart,
  type IngressBackend,
  type RuleRef,
  type TablePeer,
} from '#engine';

import { readAddressRanges } from './address-text.js';
import type { ExpectedCase, ExpectedDirection, ExpectedPart, ExpectedReason } from './case.js';
import { CONTROLLER, portsOf } from './check-connectivity.js';
import {
  formatConnections,
  joinConnections,
  keepConnection,
  NO_CONNECTIONS,
  readConnections,
  type PortsByProtocol,
} from './connections.js';
import { byDirectOwner } from './corpus-objects.js';

const DEFAULT = 'nothing applies';

/** Compares the reasons of every pair that the case lists, part by part. */
export function checkExplain(expected: ExpectedCase, snapshot: CompiledSnapshot): string[] {
  const peers = new Map(workloadPeers(snapshot, byDirectOwner(snapshot)).map((peer) => [peer.key, peer]));
  const only = expected.filter?.explainOnly;
  const focus = expected.filter?.focusConnection;
  const problems: string[] = [];
  for (const pair of expected.pairs ?? []) {
    const wanted = pair.parts.map((part) => expectedLine(part)).sort();
    problems.push(...checkPair(snapshot, peers, pair, wanted, only, focus));
  }
  for (const { src, dst } of expected.allowedByDefault ?? []) {
    problems.push(...checkPair(snapshot, peers, { src, dst }, [line('allowed', 'all', DEFAULT, DEFAULT)], only, focus));
  }
  return problems;
}

function checkPair(
  snapshot: CompiledSnapshot,
  peers: ReadonlyMap<string, TablePeer>,
  { src, dst }: { readonly src: string; readonly dst: string },
  wanted: readonly string[],
  only: 'allow' | 'deny' | undefined,
  focus: string | undefined,
): string[] {
  const problems: string[] = [];
  for (const destination of endpointsOf(dst, snapshot, peers)) {
    const sources = src === CONTROLLER ? [null] : endpointsOf(src, snapshot, peers);
    for (const source of sources) {
      const all =
        source === null
          ? controllerLines(snapshot, destination, focus)
          : explainConnections(snapshot, source, destination, 'intended').flatMap((part) => foundLine(part, focus));
      const kept = all.filter((text) => only === undefined || text.startsWith(only === 'allow' ? 'allowed' : 'denied'));
      const found = [...new Set(kept)].sort();
      if (
        focus === undefined ? found.join('\n') !== wanted.join('\n') : !wanted.every((text) => found.includes(text))
      ) {
        problems.push(`${src} → ${dst}: expected\n${wanted.join('\n')}\ngot\n${found.join('\n')}`);
        return problems;
      }
    }
    if (sources.length === 0) problems.push(`\`${src}\` is not in the cluster`);
  }
  return problems;
}

/** One pod of a workload, or one address of every piece of a range that policies tell apart. */
function endpointsOf(
  name: string,
  snapshot: CompiledSnapshot,
  peers: ReadonlyMap<string, TablePeer>,
): readonly Endpoint[] {
  const ranges = readAddressRanges(name);
  if (ranges === null) return peers.get(name)?.endpoints.slice(0, 1) ?? [];
  return addressPeers([snapshot], 'intended', 4, ranges)
    .filter((peer) => peer.type === 'addresses' && ranges.some((range) => isWithin(peer.range, range)))
    .flatMap((peer) => peer.endpoints);
}

function line(verdict: string, conns: string, egress: string, ingress: string): string {
  return `${verdict} ${conns} | egress: ${egress} | ingress: ${ingress}`;
}

function expectedLine(part: ExpectedPart): string {
  const conns = formatConnections(readConnections(part.conns));
  return line(part.verdict, conns, expectedReasons(part.egress), expectedReasons(part.ingress));
}

function expectedReasons(direction: ExpectedDirection | undefined): string {
  if (direction === undefined || direction.default === true) return DEFAULT;
  return direction.reasons.map(expectedReason).sort().join('; ');
}

function expectedReason({ kind, policy, object, service, effect, rule, noRules }: ExpectedReason): string {
  const words = [kind, policy, object, service, effect, rule, noRules === true ? 'no rules' : undefined];
  return words.filter((word) => word !== undefined).join(' ');
}

function foundLine(part: ExplainedPart, focus: string | undefined): string[] {
  const verdict = part.verdict === 'allow' ? 'allowed' : part.verdict === 'deny' ? 'denied' : 'unknown';
  const ports = focus === undefined ? portsOf(part.connections) : keepConnection(portsOf(part.connections), focus);
  return ports.size === 0
    ? []
    : [line(verdict, formatConnections(ports), foundReasons(part.egress), foundReasons(part.ingress))];
}

function foundReasons({ verdict, passes, rules, isolation }: DirectionReasons): string {
  const decided = [
    ...rules.map((rule) => reason(rule, verdict === 'allow' ? 'allows' : 'denies')),
    ...isolation.flatMap(({ policy, noRules, missedByPort }) => {
      const whole = { policy, pointer: '', index: -1, name: '' };
      if (missedByPort.length === 0)
        return [`${reason(whole, 'selects-without-matching-rule')}${noRules ? ' no rules' : ''}`];
      return missedByPort.map(({ rule, unknownName }) =>
        reason(rule, unknownName ? 'rule-selects-peer-but-named-port-unknown' : 'rule-selects-peer-but-ports-differ'),
      );
    }),
  ];
  const passed = passes.map((rule) => reason(rule, 'passes'));
  if (decided.length > 0) return [...passed, ...decided].sort().join('; ');
  return passed.length === 0 ? DEFAULT : [...passed, 'default-allow'].sort().join('; ');
}

/** Rules of NetworkPolicies have no name: the tool counts them from one. */
function reason({ policy, index, name }: RuleRef, effect: string): string {
  const title = policy.namespace === '' ? policy.name : `${policy.namespace}/${policy.name}`;
  const words = [policy.kind, title, effect];
  if (index >= 0) words.push(name === '' ? `#${index + 1}` : name);
  return words.join(' ');
}

/** The connections from the controller: on each port the objects that send to it, beside what policy says. */
function controllerLines(snapshot: CompiledSnapshot, destination: Endpoint, focus: string | undefined): string[] {
  const backends = ingressBackends(snapshot).filter((backend) => backend.endpoint === destination);
  const objects = (list: readonly IngressBackend[], effect: string): string[] =>
    list.map(({ object, service }) => `${object.kind} ${object.namespace}/${object.name} ${service} ${effect}`);
  const lines = new Map<string, PortsByProtocol>();
  const add = (key: string, ports: PortsByProtocol): void =>
    void lines.set(key, joinConnections(lines.get(key) ?? NO_CONNECTIONS, ports));
  for (const { connections, ingress } of explainConnections(snapshot, INGRESS_CONTROLLER, destination, 'intended')) {
    const policy = foundReasons(ingress) === DEFAULT ? [] : foundReasons(ingress).split('; ');
    let rest = connections;
    for (const port of new Set(backends.map((backend) => backend.port))) {
      if (!allowsPort(connections, TCP, port)) continue;
      const single: ConnectionSet = new Map([[TCP, [[port, port]]]]);
      rest = subtractConnections(rest, single);
      const senders = backends.filter((backend) => backend.port === port);
      const reasons = [...new Set([...objects(senders, 'allows'), ...policy])].sort().join('; ');
      add(`${ingress.verdict === 'allow' ? 'allowed' : 'denied'} | ${reasons}`, portsOf(single));
    }
    const reasons = [...objects(backends, 'ports-differ'), ...(ingress.verdict === 'allow' ? [] : policy)];
    add(`denied | ${[...new Set(reasons)].sort().join('; ')}`, portsOf(rest));
  }
  return [...lines].flatMap(([key, ports]) => {
    const [verdict = '', reasons = ''] = key.split(' | ');
    const kept = focus === undefined ? ports : keepConnection(ports, focus);
    return kept.size === 0 ? [] : [line(verdict, formatConnections(kept), DEFAULT, reasons)];
  });
}
