import { ICMP, ICMPV6, SCTP, TCP, UDP } from '../../model/index.js';
import type { PortMatch, Protocol } from '../../model/index.js';

/** A list in brackets; else each item follows a dash, in braces or in lines of its own. */
const IN_BRACKETS = /^\[\s*(\{[^{}]*\}\s*(,\s*\{[^{}]*\}\s*)*(,\s*)?)?\]$/;
const IN_BRACES = /\{[^{}]*\}/g;
const DASH = /^[ \t]*-[ \t]+/m;
const PAIR = /^(["']?)(\w+)\1\s*:\s*(["']?)(\w+)\3$/;
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
  const ports = readItems(text.trim())?.map(readPort) ?? [null];
  return ports.includes(null) ? null : ports.flatMap((port) => port ?? []);
}

/** The items of the list, as they are written. */
function readItems(text: string): readonly string[] | null {
  if (IN_BRACKETS.test(text)) return text.match(IN_BRACES) ?? [];
  const [before, ...items] = text.split(DASH);
  return before === '' && items.length > 0 ? items.map((item) => item.trim()) : null;
}

function readPort(item: string): readonly PortMatch[] | null {
  const isInBraces = item.startsWith('{') && item.endsWith('}');
  const pairs = isInBraces ? item.slice(1, -1).split(',') : item.split('\n');
  const fields = new Map<string, string>();
  for (const pair of pairs.map((part) => part.trim()).filter((part) => part !== '')) {
    const [, , key = '', , value = ''] = PAIR.exec(pair) ?? [];
    if (key === '') return null;
    fields.set(key, value);
  }
  const [name = '', port] = [fields.get('protocol')?.toLowerCase(), fields.get('port')];
  if (name === 'icmp' && port === undefined) return [ICMP, ICMPV6].map((protocol) => ({ type: 'protocol', protocol }));
  const [protocol, number] = [PROTOCOLS.get(name), Number(port)];
  if (protocol === undefined || !/^\d{1,5}$/.test(port ?? '') || number > 65535) return null;
  return [{ type: 'range', protocol, from: number, to: number }];
}
