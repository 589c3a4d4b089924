import {
  allowsPort,
  explainConnections,
  INGRESS_CONTROLLER,
  subtractConnections,
  TCP,
  workloadPeers,
  type CompiledSnapshot,
  type ConnectionSet,
  type DirectionReasons,
  type Endpoint,
  type ExplainedPart,
  type ObjectRef,
  type RuleRef,
  type TablePeer,
  type Verdict,
} from '#engine';

import { readAddressRanges } from './address-text.js';
import type { ConnectionFilter, ExpectedCase, ExpectedDirection, ExpectedPart, ExpectedReason } from './case.js';
import { portsOf } from './check-connectivity.js';
import {
  ALL_CONNECTIONS,
  formatConnections,
  joinConnections,
  keepConnection,
  NO_CONNECTIONS,
  readConnections,
  type PortsByProtocol,
} from './connections.js';
import { byDirectOwner } from './corpus-objects.js';
import { addressEndpoints } from './engine-system.js';
import { CONTROLLER, ingressBackends, type IngressBackend } from './ingress-controller.js';

const DEFAULT = 'nothing applies';

/** Compares the reasons of every pair that the case lists, part by part. */
export function checkExplain(expected: ExpectedCase, snapshot: CompiledSnapshot): string[] {
  const peers = new Map(workloadPeers(snapshot, byDirectOwner(snapshot)).map((peer) => [peer.key, peer]));
  const filter = expected.filter ?? {};
  const problems: string[] = [];
  for (const pair of expected.pairs ?? []) {
    problems.push(...checkPair(snapshot, peers, pair, pair.parts.map(expectedFinding), filter));
  }
  for (const { src, dst } of expected.allowedByDefault ?? []) {
    problems.push(...checkPair(snapshot, peers, { src, dst }, [ALLOWED_BY_DEFAULT], filter));
  }
  return problems;
}

function checkPair(
  snapshot: CompiledSnapshot,
  peers: ReadonlyMap<string, TablePeer>,
  { src, dst }: { readonly src: string; readonly dst: string },
  stated: readonly Finding[],
  { explainOnly, focusConnection }: ConnectionFilter,
): string[] {
  const wanted = linesOf(stated, focusConnection).join('\n');
  const destinations = endpointsOf(dst, snapshot, peers);
  const sources = src === CONTROLLER ? [null] : endpointsOf(src, snapshot, peers);
  for (const destination of destinations) {
    for (const source of sources) {
      const all =
        source === null
          ? controllerFindings(snapshot, destination)
          : pairFindings(explainConnections(snapshot, source, destination, 'intended'));
      const kept = all.filter(({ verdict }) => explainOnly === undefined || verdict === explainOnly);
      const found = linesOf(kept, focusConnection).join('\n');
      if (found !== wanted) return [`${src} → ${dst}: expected\n${wanted}\ngot\n${found}`];
    }
  }
  return [
    ...(sources.length === 0 ? [`\`${src}\` is not in the cluster`] : []),
    ...(destinations.length === 0 ? [`\`${dst}\` is not in the cluster`] : []),
  ];
}

/** One pod of a workload, or an address of every piece of a range. */
function endpointsOf(
  name: string,
  snapshot: CompiledSnapshot,
  peers: ReadonlyMap<string, TablePeer>,
): readonly Endpoint[] {
  const ranges = readAddressRanges(name);
  return ranges === null ? (peers.get(name)?.endpoints.slice(0, 1) ?? []) : addressEndpoints(snapshot, ranges);
}

/** Connections with one verdict for the same reasons. */
interface Finding {
  readonly verdict: Verdict;
  readonly ports: PortsByProtocol;
  readonly egress: string;
  readonly ingress: string;
}

const ALLOWED_BY_DEFAULT: Finding = { verdict: 'allow', ports: ALL_CONNECTIONS, egress: DEFAULT, ingress: DEFAULT };

/** One line for each verdict and set of reasons, without what lies outside the focus. */
function linesOf(findings: readonly Finding[], focus: string | undefined): string[] {
  const byReasons = new Map<string, Finding>();
  for (const { verdict, ports, egress, ingress } of findings) {
    const key = line(verdict, '', egress, ingress);
    const joined = joinConnections(byReasons.get(key)?.ports ?? NO_CONNECTIONS, ports);
    byReasons.set(key, { verdict, ports: joined, egress, ingress });
  }
  const lines = [...byReasons.values()].flatMap(({ verdict, ports, egress, ingress }) => {
    const kept = focus === undefined ? ports : keepConnection(ports, focus);
    return kept.size === 0 ? [] : [line(verdict, formatConnections(kept), egress, ingress)];
  });
  return lines.sort();
}

function line(verdict: Verdict, conns: string, egress: string, ingress: string): string {
  return `${verdict} ${conns} | egress: ${egress} | ingress: ${ingress}`;
}

function expectedFinding({ verdict, conns, egress, ingress }: ExpectedPart): Finding {
  return {
    verdict: verdict === 'allowed' ? 'allow' : 'deny',
    ports: readConnections(conns),
    egress: expectedReasons(egress),
    ingress: expectedReasons(ingress),
  };
}

function expectedReasons(direction: ExpectedDirection | undefined): string {
  if (direction === undefined || direction.default === true) return DEFAULT;
  return direction.reasons.map(expectedReason).sort().join('; ');
}

function expectedReason({ kind, policy, object, service, effect, rule, noRules }: ExpectedReason): string {
  const words = [kind, policy, object, service, effect, rule, noRules === true ? 'no rules' : undefined];
  return words.filter((word) => word !== undefined).join(' ');
}

function pairFindings(parts: readonly ExplainedPart[]): Finding[] {
  return parts.map(({ verdict, connections, egress, ingress }) => ({
    verdict,
    ports: portsOf(connections),
    egress: foundReasons(egress),
    ingress: foundReasons(ingress),
  }));
}

/**
 * Of the rules of one NetworkPolicy that do the same for a connection the tool names the first (`collectRules` in its
 * pkg/netpol/internal/common/augmented_intervalset.go).
 */
function foundReasons({ verdict, passes, rules, isolation }: DirectionReasons): string {
  const decided = [
    ...firstOfEachPolicy(rules).map((rule) => reason(rule, verdict === 'allow' ? 'allows' : 'denies')),
    ...isolation.flatMap(({ policy, noRules, missedByPort }) => {
      const whole = { policy, pointer: '', index: -1, name: '' };
      if (missedByPort.length === 0)
        return [`${reason(whole, 'selects-without-matching-rule')}${noRules ? ' no rules' : ''}`];
      return missedByPort
        .slice(0, 1)
        .map(({ rule, unknownName }) =>
          reason(rule, unknownName ? 'rule-selects-peer-but-named-port-unknown' : 'rule-selects-peer-but-ports-differ'),
        );
    }),
  ];
  const passed = passes.map((rule) => reason(rule, 'passes'));
  if (decided.length > 0) return [...passed, ...decided].sort().join('; ');
  return passed.length === 0 ? DEFAULT : [...passed, 'default-allow'].sort().join('; ');
}

function firstOfEachPolicy(rules: readonly RuleRef[]): readonly RuleRef[] {
  return rules.filter(({ policy }, at) => rules.findIndex((other) => isSameObject(other.policy, policy)) === at);
}

function isSameObject(a: ObjectRef, b: ObjectRef): boolean {
  return a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}

/** Rules of NetworkPolicies have no name: the tool counts them from one. */
function reason({ policy, index, name }: RuleRef, effect: string): string {
  const title = policy.namespace === '' ? policy.name : `${policy.namespace}/${policy.name}`;
  const words = [policy.kind, title, effect];
  if (index >= 0) words.push(name === '' ? `#${index + 1}` : name);
  return words.join(' ');
}

/** The connections from the controller: on each port the objects that send to it, beside what policy says. */
function controllerFindings(snapshot: CompiledSnapshot, destination: Endpoint): Finding[] {
  const backends = ingressBackends(snapshot, destination);
  const objects = (list: readonly IngressBackend[], effect: string): string[] =>
    list.map(
      ({ target: { object, service } }) => `${object.kind} ${object.namespace}/${object.name} ${service} ${effect}`,
    );
  const found: Finding[] = [];
  const add = (verdict: Verdict, set: ConnectionSet, reasons: readonly string[]): void =>
    void found.push({
      verdict,
      ports: portsOf(set),
      egress: DEFAULT,
      ingress: [...new Set(reasons)].sort().join('; '),
    });
  for (const { connections, ingress } of explainConnections(snapshot, INGRESS_CONTROLLER, destination, 'intended')) {
    const policy = foundReasons(ingress) === DEFAULT ? [] : foundReasons(ingress).split('; ');
    let rest = connections;
    for (const port of new Set(backends.map((backend) => backend.port))) {
      if (!allowsPort(connections, TCP, port)) continue;
      const single: ConnectionSet = new Map([[TCP, [[port, port]]]]);
      rest = subtractConnections(rest, single);
      const senders = backends.filter((backend) => backend.port === port);
      add(ingress.verdict, single, [...objects(senders, 'allows'), ...policy]);
    }
    add('deny', rest, [...objects(backends, 'ports-differ'), ...(ingress.verdict === 'allow' ? [] : policy)]);
  }
  return found;
}
