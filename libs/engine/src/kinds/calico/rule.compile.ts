import { atLeast } from '../../cni/version.js';
import { ALL, and, or } from '../../model/index.js';
import type { Condition, Direction, PathReading, PeerSet, PortMatch, PortSpec, Selector } from '../../model/index.js';
import { calicoVersion } from './calico-version.js';
import type { CalicoContext } from './calico.context.js';
import type { RawRule, RawServiceRef } from './calico.raw.js';
import { entitySelector } from './peers.compile.js';
import { namingPlaces } from './named-ports.js';
import { namesOf, ofOtherProtocols, portSpec } from './ports.compile.js';
import { PORT_PROTOCOLS } from './ports.parse.js';
import { serviceBackends } from './service.compile.js';
import { sourceVariants } from './source-port-names.js';

/** What a rule asks of a flow. A rule may come in several parts, of which one must hold. */
export interface RulePart {
  /** What the rule asks of the subject beyond its policy's selector. */
  readonly subject: Selector;
  readonly peers: PeerSet;
  readonly ports: PortSpec;
  readonly conditions: readonly Condition[];
}

interface Servers {
  readonly endpoints: Selector | null;
  readonly ports: PortSpec;
}

/** Compiles one rule of a policy in `namespace`, '' for cluster-wide policies. (CAL-30) */
export function ruleParts(
  rule: RawRule,
  direction: Direction,
  namespace: string,
  context: CalicoContext,
): readonly RulePart[] {
  const parts = (each: RawRule): readonly RulePart[] => partsOf(each, direction, namespace, context);
  const { protocol, source } = rule;
  if (protocol !== null || namesOf([...source.ports, ...source.notPorts]).length === 0) return parts(rule);
  // A name of the client's port is that of one protocol, as names of ports are. (CAL-35)
  const named = PORT_PROTOCOLS.flatMap((each) => parts({ ...rule, protocol: each }));
  if (source.ports.length > 0) return named;
  const others = parts({ ...rule, source: { ...source, notPorts: [] } }).flatMap((part) => {
    const ports = ofOtherProtocols(part.ports, PORT_PROTOCOLS);
    return ports === null ? [] : [{ ...part, ports }];
  });
  return [...named, ...others];
}

function partsOf(rule: RawRule, direction: Direction, namespace: string, context: CalicoContext): readonly RulePart[] {
  const source = entitySelector(rule.source, namespace, context);
  const destination = entitySelector(rule.destination, namespace, context);
  const asked = [...requestConditions(rule, direction, context), ...icmpConditions(rule)];
  const servers = serversOf(rule, namespace, context);
  const service = rule.source.service === null ? null : clientsOfService(rule.source.service, context);
  return sourceVariants(rule.source, rule.protocol, namespace, context).flatMap(({ clients, conditions }) =>
    servers.map(({ endpoints, ports }): RulePart => {
      const from = join(source, clients, service);
      const to = join(destination, endpoints);
      const [subject, peer] = direction === 'ingress' ? [to, from] : [from, to];
      return { subject: subject ?? ALL, peers: peerSet(peer), ports, conditions: [...conditions, ...asked] };
    }),
  );
}

function join(...members: readonly (Selector | null)[]): Selector | null {
  const given = members.filter((member) => member !== null);
  return given.length === 0 ? null : and(...given);
}

function peerSet(peer: Selector | null): PeerSet {
  if (peer === null || peer.type === 'all') return { type: 'any' };
  return peer.type === 'none' ? { type: 'none' } : { type: 'of', selectors: [peer] };
}

/** As source a Service is the addresses of its endpoints. (CAL-36) */
export function clientsOfService(service: RawServiceRef, context: CalicoContext): Selector {
  return or(...(serviceBackends(service, context) ?? []).map(({ endpoints }) => endpoints));
}

/** Servers by what they serve; a Service as destination limits address and port together. (CAL-36) */
function serversOf(rule: RawRule, namespace: string, context: CalicoContext): readonly Servers[] {
  const { protocol, destination } = rule;
  const places = namingPlaces(destination, protocol, namespace, context).map(({ endpoints, meaning }) => ({
    endpoints,
    ports: portSpec(rule, meaning),
  }));
  if (destination.service === null) return places.filter(({ ports }) => ports.include.length > 0);
  const backends = serviceBackends(destination.service, context) ?? [];
  return places.flatMap(({ ports }) =>
    backends.map((each) => ({ endpoints: each.endpoints, ports: servicePorts(each.ports, rule, ports) })),
  );
}

function servicePorts(ports: readonly PortMatch[], rule: RawRule, spec: PortSpec): PortSpec {
  const { protocol } = rule;
  return {
    include: protocol === null ? ports : ports.filter((port) => port.protocol === protocol),
    except: spec.except,
  };
}

/** A rule about requests needs to see them: elsewhere than at a workload's ingress it is open whether it holds. */
function requestConditions({ http }: RawRule, direction: Direction, { env }: CalicoContext): readonly Condition[] {
  if (http === null) return [];
  if (direction === 'egress') return [{ type: 'unsupported', what: 'HTTP rules in egress are not evaluated' }];
  const { paths } = http;
  const read = pathReading(calicoVersion(env));
  const rule = paths === undefined ? http : { ...http, paths: paths.map((path) => ({ ...path, read })) };
  return [{ type: 'l7', protocol: 'http', rules: [rule] }];
}

/** iptables cannot load such a rule, nftables reads ICMP alone into it, and eBPF compares what other protocols have there. (CAL-76) */
function icmpConditions({ isIcmpOpen }: RawRule): readonly Condition[] {
  return isIcmpOpen ? [{ type: 'unsupported', what: 'a type of ICMP beside another protocol is not evaluated' }] : [];
}

/** Paths are cleaned before they are compared from 3.32 on, and by later releases of 3.31. (CAL-38) */
function pathReading(version: string): PathReading {
  const [cleans, mayClean] = [atLeast(version, '3.32'), atLeast(version, '3.31')];
  return {
    form: mayClean === false ? 'as-sent' : 'calico',
    query: 'cut',
    certain: cleans === true || mayClean === false,
  };
}
