import { ICMP, ICMPV6, SCTP, TCP, UDP } from '../../model/index.js';
import type { PortMatch, Protocol } from '../../model/index.js';

/** Items of a list, each in braces or after a dash with the lines that belong to it. */
const ITEMS = /\{[^{}]*\}|^[ \t]*-[ \t]*[^{\s][^\n]*(?:\n(?![ \t]*-)[^\n]*)*/gm;
const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map([
  ['tcp', TCP],
  ['udp', UDP],
  ['sctp', SCTP],
]);

/**
 * The ports of annotation `k8s.ovn.org/open-default-ports`: YAML or JSON, a list of `protocol` and `port`, ICMP without.
 * null where it cannot be read; OVN-Kubernetes opens nothing then, but reads more of YAML than this does. (UDN-5)
 */
export function readOpenPorts(text: string): readonly PortMatch[] | null {
  const items = text.match(ITEMS);
  if (items === null) return null;
  const ports = items.flatMap((item): (PortMatch | null)[] => {
    const value = (key: string): string => new RegExp(`\\b${key}["']?\\s*:\\s*["']?(\\w+)`).exec(item)?.[1] ?? '';
    const [name, port] = [value('protocol').toLowerCase(), value('port')];
    if (name === 'icmp' && port === '') {
      return [ICMP, ICMPV6].map((protocol) => ({ type: 'protocol', protocol }));
    }
    const [protocol, number] = [PROTOCOLS.get(name), Number(port)];
    if (protocol === undefined || !/^\d{1,5}$/.test(port) || number > 65535) return [null];
    return [{ type: 'range', protocol, from: number, to: number }];
  });
  return ports.includes(null) ? null : ports.filter((port) => port !== null);
}
