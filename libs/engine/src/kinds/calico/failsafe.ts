import { canonicalJson, field, groupBy, isObject, list, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { protocolByName, TCP, UDP } from '../../model/index.js';
import type { Direction, PeerSet, PortMatch } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { felixSetting } from './felix-configuration.js';
import { netOf } from './fields.parse.js';
import type { HostEndpoint } from './host-endpoint.parse.js';

/** A port that stays open on hosts whatever policy says. `net` '' is any peer. */
export interface Failsafe {
  readonly port: PortMatch;
  readonly net: string;
}

const match = (protocol: number, port: number): PortMatch => ({ type: 'range', protocol, from: port, to: port });
const open = (protocol: number, ports: readonly number[]): readonly Failsafe[] =>
  ports.map((port) => ({ port: match(protocol, port), net: '' }));

/** SSH, BGP, etcd, Typha and the API server, DHCP and DNS. (CAL-54; cal-docs reference/host-endpoints/failsafe) */
const DEFAULTS: Readonly<Record<Direction, readonly Failsafe[]>> = {
  ingress: [...open(TCP, [22, 179, 2379, 2380, 5473, 6443, 6666, 6667]), ...open(UDP, [68])],
  egress: [...open(TCP, [179, 2379, 2380, 5473, 6443, 6666, 6667]), ...open(UDP, [53, 67])],
};
const FIELDS: Readonly<Record<Direction, string>> = {
  ingress: 'failsafeInboundHostPorts',
  egress: 'failsafeOutboundHostPorts',
};

/** Hosts with the same failsafe ports. */
export interface FailsafeGroup {
  readonly hosts: readonly HostEndpoint[];
  readonly ports: readonly Failsafe[];
  /** The FelixConfiguration that says so. */
  readonly configuration: string;
}

/** Host endpoints by the failsafe ports of one direction that their hosts have. (CAL-54, CAL-55) */
export function failsafeGroups(
  env: CompileEnv,
  hosts: readonly HostEndpoint[],
  direction: Direction,
): readonly FailsafeGroup[] {
  if (env.semantics.options['failsafe-ports'] === 'none') return [];
  const settings = hosts.map((host) => ({ host, ...felixSetting(env, host.node, FIELDS[direction]) }));
  const alike = groupBy(settings, ({ value, name }) => `${name} ${canonicalJson(value)}`);
  return [...alike.values()].map((same) => {
    const [{ value, name }] = same as [(typeof settings)[number]];
    return { hosts: same.map(({ host }) => host), ports: portsOf(value, direction), configuration: name };
  });
}

/** An empty list switches them off. */
function portsOf(value: Json | undefined, direction: Direction): readonly Failsafe[] {
  if (value === undefined) return DEFAULTS[direction];
  return list(value).flatMap((entry) => {
    const port = field(entry, 'port');
    const protocol = protocolByName(text(field(entry, 'protocol')) || 'TCP');
    if (!isObject(entry) || typeof port !== 'number' || protocol === null) return [];
    const net = text(field(entry, 'net'));
    return [{ port: match(protocol, port), net: net === '' ? '' : (netOf(net) ?? 'none') }];
  });
}

/** Who may use a failsafe port. */
export function failsafePeers({ net }: Failsafe): PeerSet {
  if (net === '') return { type: 'any' };
  return net === 'none' ? { type: 'none' } : { type: 'of', selectors: [{ type: 'cidr', cidr: net, except: [] }] };
}
