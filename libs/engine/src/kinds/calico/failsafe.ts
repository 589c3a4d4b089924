import { field, isObject, list, text } from '../../base/index.js';
import { protocolByName, TCP, UDP } from '../../model/index.js';
import type { Direction, PeerSet, PortMatch } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { netOf } from './fields.parse.js';

export const FELIX_CONFIGURATION = 'FelixConfiguration.projectcalico.org';

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

/** The failsafe ports of one direction; an option, or an empty list in FelixConfiguration, switches them off. */
export function failsafes(env: CompileEnv, direction: Direction): readonly Failsafe[] {
  if (env.semantics.options['failsafe-ports'] === 'none') return [];
  const configuration = env.aux(FELIX_CONFIGURATION).find((fact) => fact.meta.name === 'default');
  const value = field(field(configuration?.raw, 'spec'), FIELDS[direction]);
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
