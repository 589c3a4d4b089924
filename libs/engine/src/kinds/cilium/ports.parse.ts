import { field, isObject, list, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { hasPorts, SCTP, TCP, UDP } from '../../model/index.js';
import type { Protocol } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { RawListener, RawPort, RawPortRule } from './cilium.raw.js';
import { parseL7 } from './l7.parse.js';
import { listField } from './list-field.js';
import type { RuleContext } from './rule.parse.js';
import { warnUnknownFields } from './unknown-fields.js';

const PORT_LIMIT = 40;
const PORT_NAME = /^(?=.*[a-zA-Z])(?!.*--)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,13}[a-zA-Z0-9])?$/;
const PLAIN: Readonly<Record<string, Protocol>> = { TCP, UDP, SCTP };
/** Protocols without ports that `enable-extended-ip-protocols` adds. */
const EXTENDED: Readonly<Record<string, Protocol>> = { VRRP: 112, IGMP: 2 };
const TUNNELS: Readonly<Record<string, Protocol>> = { GRE: 47, IPIP: 4, IPV6: 41, ESP: 50, AH: 51 };
const SERVER_NAME = /^[-a-zA-Z0-9_.*]{1,255}$/;

/** The elements of `toPorts`; null when the rule has none. */
export function parsePortRules(value: Json | undefined, context: RuleContext): RawPortRule[] | null {
  const at = pointer(context.at, 'toPorts');
  if (value === undefined) return null;
  if (!Array.isArray(value)) {
    context.problems.error('cilium.ports', at, `expected a list, found ${describe(value)}`);
    return null;
  }
  if (value.length === 0) return null;
  return list(value).map((entry, index) => parsePortRule(entry, pointer(at, index), context));
}

/** What the proxy ends or begins, whatever else the rule says. */
const TLS = ['terminatingTLS', 'originatingTLS'] as const;
const ASKS_NOTHING = { l7: null, serverNames: [], terminatesTls: false, handlesTls: false, listener: null } as const;
const ALLOW_FIELDS = ['ports', 'rules', 'serverNames', ...TLS, 'listener'];

function parsePortRule(value: Json, at: string, context: RuleContext): RawPortRule {
  const { problems, action, direction } = context;
  if (!isObject(value)) problems.error('cilium.port_rule', at, `expected an object, found ${describe(value)}`);
  warnUnknownFields(value, action === 'allow' ? ALLOW_FIELDS : ['ports'], at, problems);
  const ports = parsePorts(value, at, context);
  if (action === 'deny') return { ...ASKS_NOTHING, ports };
  const l7 = parseL7(field(value, 'rules'), ports, pointer(at, 'rules'), context);
  const terminatesTls = field(value, 'terminatingTLS') !== undefined;
  const serverNames = parseServerNames(value, at, context);
  const listener = parseListener(field(value, 'listener'), pointer(at, 'listener'), context);
  if (serverNames.length > 0 && l7 !== null && !terminatesTls) {
    const why = 'cannot stand beside `rules` without `terminatingTLS`';
    problems.error('cilium.server_names', pointer(at, 'serverNames'), why);
  }
  if (listener !== null && (direction === 'ingress' || l7 !== null)) {
    const why = l7 === null ? 'is not accepted on ingress' : 'cannot stand beside `rules`';
    problems.error('cilium.listener', pointer(at, 'listener'), why);
  }
  const handlesTls = TLS.some((name) => field(value, name) !== undefined);
  const needsProxy = serverNames.length > 0 || listener !== null || handlesTls;
  if (needsProxy && l7 === null && !context.options.l7Proxy) {
    problems.suspect(
      'cilium.l7_off',
      at,
      'lets nothing pass: its connections are for the proxy, and enable-l7-proxy is off',
    );
    return { ...ASKS_NOTHING, ports: [] };
  }
  return { ports, l7, serverNames, terminatesTls, handlesTls, listener };
}

function parsePorts(value: Json, at: string, context: RuleContext): RawPort[] {
  const { problems } = context;
  const ports = listField(value, 'ports', at, problems);
  const here = pointer(at, 'ports');
  if (ports.length > PORT_LIMIT) {
    problems.error('cilium.ports_many', here, `has ${ports.length} ports, at most ${PORT_LIMIT} are accepted`);
  }
  if (ports.length === 0) problems.suspect('cilium.ports_empty', here, 'names no port, so it matches no traffic');
  return ports.flatMap((port, index) => parsePort(port, pointer(here, index), context));
}

function parsePort(value: Json, at: string, context: RuleContext): RawPort[] {
  const { problems } = context;
  if (!isObject(value)) {
    problems.error('cilium.port', at, `expected an object with \`port\`, found ${describe(value)}`);
    return [];
  }
  warnUnknownFields(value, ['port', 'endPort', 'protocol'], at, problems);
  const protocols = parseProtocol(field(value, 'protocol'), at, context);
  const port = readPort(field(value, 'port'), context);
  if (protocols === null) return [];
  if (port === null) {
    const found = describe(field(value, 'port'));
    const expected = 'expected a port from 0 to 65535 as text, or a port name';
    problems.error('cilium.port', pointer(at, 'port'), `${expected}, found ${found}`);
    return [];
  }
  if (port !== 0 && protocols.some((protocol) => !hasPorts(protocol))) {
    problems.error('cilium.port', pointer(at, 'port'), 'a protocol without ports takes none, or `"0"`');
  }
  return [{ port, endPort: readEndPort(field(value, 'endPort'), port, at, context), protocols }];
}

function parseProtocol(value: Json | undefined, at: string, context: RuleContext): readonly Protocol[] | null {
  const { problems, options, sctp } = context;
  // What the agent would read in small letters too, the API server takes in capitals alone.
  const name = value === undefined ? 'ANY' : text(value);
  if (name === 'ANY') return sctp ? [TCP, UDP, SCTP] : [TCP, UDP];
  const here = pointer(at, 'protocol');
  if (Object.hasOwn(PLAIN, name)) {
    const protocol = PLAIN[name] as Protocol;
    if (protocol !== SCTP || sctp) return [protocol];
    problems.suspect('cilium.sctp_off', here, 'matches nothing: enable-sctp is not on');
    return [];
  }
  const extended = options.tunnelProtocols ? { ...EXTENDED, ...TUNNELS } : EXTENDED;
  if (Object.hasOwn(extended, name)) {
    if (options.extendedProtocols) return [extended[name] as Protocol];
    problems.error('cilium.protocol', here, `\`${name}\` needs enable-extended-ip-protocols`);
    return null;
  }
  const capitals = name.toUpperCase();
  const hint = capitals.startsWith('ICMP')
    ? '; write ICMP types under `icmps`'
    : capitals === name
      ? ''
      : '; write it in capitals';
  problems.error('cilium.protocol', here, `expected TCP, UDP, SCTP or ANY, found ${describe(value)}${hint}`);
  return null;
}

/** A number (0 is every port) or a name in lower case; null when it is neither. A leading zero makes it octal. */
function readPort(value: Json | undefined, context: RuleContext): number | string | null {
  if (value === undefined || value === '') return context.options.extendedProtocols ? 0 : null;
  if (typeof value !== 'string') return null;
  if (PORT_NAME.test(value)) return value.toLowerCase();
  if (!/^\d{1,6}$/.test(value)) return null;
  const octal = value.length > 1 && value.startsWith('0');
  if (octal && /[89]/.test(value)) return null;
  const number = Number.parseInt(value, octal ? 8 : 10);
  return number <= 65535 ? number : null;
}

function readEndPort(
  value: Json | undefined,
  port: number | string,
  at: string,
  context: RuleContext,
): number | string {
  const { problems } = context;
  const here = pointer(at, 'endPort');
  if (value === undefined || value === 0) return port;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 65535) {
    problems.error('cilium.end_port', here, `expected a port from 0 to 65535, found ${describe(value)}`);
    return port;
  }
  if (typeof port === 'string') {
    problems.suspect('cilium.end_port', here, 'is ignored beside a port name');
    return port;
  }
  if (value < port) {
    problems.suspect('cilium.end_port', here, `is below \`port\`, so only ${port} is matched`);
    return port;
  }
  return value;
}

function parseServerNames(value: Json, at: string, context: RuleContext): string[] {
  return listField(value, 'serverNames', at, context.problems).flatMap((name, index) => {
    if (typeof name === 'string' && SERVER_NAME.test(name)) return [name.toLowerCase()];
    const here = pointer(at, 'serverNames', index);
    context.problems.error('cilium.server_name', here, `expected a server name, found ${describe(name)}`);
    return [];
  });
}

const CONFIG_KINDS: readonly string[] = ['CiliumEnvoyConfig', 'CiliumClusterwideEnvoyConfig'];

function parseListener(value: Json | undefined, at: string, { problems }: RuleContext): RawListener | null {
  if (value === undefined) return null;
  const config = field(value, 'envoyConfig');
  const priority = field(value, 'priority');
  const listener = {
    kind: text(field(config, 'kind')) || 'CiliumEnvoyConfig',
    config: text(field(config, 'name')),
    name: text(field(value, 'name')),
    priority: typeof priority === 'number' ? priority : 0,
  };
  if (listener.name === '' || listener.config === '') {
    problems.error('cilium.listener', at, 'needs a `name`, and one of its `envoyConfig`');
  }
  if (!CONFIG_KINDS.includes(listener.kind)) {
    const expected = `expected ${CONFIG_KINDS.join(' or ')}, found \`${listener.kind}\``;
    problems.error('cilium.listener', pointer(at, 'envoyConfig', 'kind'), expected);
  }
  return listener;
}
