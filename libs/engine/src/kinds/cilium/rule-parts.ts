import { canonicalJson } from '../../base/index.js';
import { NAMESPACE_KEY } from '../shared/index.js';
import type { CiliumContext } from './cilium.context.js';
import type { LabelTest, LabelTests, RawPeers, RawPortRule, RawRule } from './cilium.raw.js';
import { peerScope } from './label-tests.compile.js';

/** A rule for one selector, port and protocol. The agent brings together all those of an endpoint that have one key. */
export interface RulePart {
  readonly key: string;
  /** The port of the key, which is the key of all that looks at ports alone. */
  readonly port: string;
  readonly rule: RawRule;
}

/** A rule taken apart; null where the agent looks up its peers, so that no key tells them. */
export function rulePartsOf(rule: RawRule, context: CiliumContext): readonly RulePart[] | null {
  const peers = singlePeers(rule.peers, context);
  if (peers === null) return null;
  const ports = singlePorts(rule);
  return peers.flatMap(([who, one]) =>
    ports.map(([port, limits]) => ({ key: `${who} ${port}`, port, rule: { ...rule, ...limits, peers: one } })),
  );
}

function singlePeers(peers: RawPeers, context: CiliumContext): readonly (readonly [string, RawPeers])[] | null {
  const keyed = <T>(values: readonly T[], key: (value: T) => unknown, one: (values: readonly T[]) => RawPeers) =>
    values.map((value) => [canonicalJson([peers.type, key(value)]), one([value])] as const);
  switch (peers.type) {
    case 'any':
      return [[ANY, peers]];
    case 'none':
      return [];
    case 'endpoints':
      return keyed(
        peers.selectors,
        (tests) => scopedTests(tests, context),
        (selectors) => ({ ...peers, selectors }),
      );
    case 'entities':
      return peers.names.map((name) => [
        name === 'all' ? ANY : canonicalJson([peers.type, name]),
        { ...peers, names: [name] },
      ]);
    case 'blocks':
      return keyed(
        peers.blocks,
        (block) => ({ ...block, at: '' }),
        (blocks) => ({ ...peers, blocks }),
      );
    case 'nodes':
      return keyed(
        peers.selectors,
        (tests) => sorted(tests),
        (selectors) => ({ ...peers, selectors }),
      );
    case 'names':
      return keyed(
        peers.patterns,
        (name) => name,
        (patterns) => ({ ...peers, patterns }),
      );
    case 'services':
    case 'groups':
      return null;
  }
}

const ANY = 'any';

const sorted = (tests: LabelTests): readonly string[] => tests.map((test) => canonicalJson(test)).sort();

/** What a selector asks with what the agent adds to it. */
function scopedTests(tests: LabelTests, context: CiliumContext): readonly unknown[] {
  const scope = peerScope(tests, context);
  if (scope.type !== 'namespace') return [scope.type, sorted(tests)];
  const own: LabelTest = { source: 'k8s', key: NAMESPACE_KEY, op: 'in', values: [scope.name] };
  return [context.options.localPeers ? 'cluster' : 'open', sorted([...tests, own])];
}

type Limits = Pick<RawRule, 'ports' | 'icmps'>;

function singlePorts(rule: RawRule): readonly (readonly [string, Limits])[] {
  if (rule.icmps !== null) {
    return rule.icmps.map((icmp) => [`icmp ${icmp.protocol}/${icmp.icmpType}`, { ports: null, icmps: [icmp] }]);
  }
  if (rule.ports === null) return [['every', { ports: null, icmps: null }]];
  return rule.ports.flatMap((portRule) => singlePortsOf(portRule));
}

function singlePortsOf(portRule: RawPortRule): readonly (readonly [string, Limits])[] {
  return portRule.ports.flatMap((port) =>
    port.protocols.map((protocol) => {
      const one = { ...portRule, ports: [{ ...port, protocols: [protocol] }] };
      return [`${protocol} ${port.port}-${port.endPort}`, { ports: [one], icmps: null }] as const;
    }),
  );
}
