import { ANY_PORT, hasPorts } from '../../model/index.js';
import type { Condition, Direction, L7Rule, PortMatch, PortSpec } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { clusterNumbers, portNamesOf } from '../shared/index.js';
import type { CiliumContext } from './cilium.context.js';
import type { RawPort, RawPortRule, RawRule } from './cilium.raw.js';
import { compileListener } from './listener.compile.js';
import { namePattern } from './name-pattern.js';

/** A part of what a rule says of ports. */
export interface PortVariant {
  readonly ports: PortSpec;
  /** What leaves open whether these are the ports, for a deny as for an allow. */
  readonly open: readonly Condition[];
  /** What it asks of the requests there. */
  readonly conditions: readonly Condition[];
  /** The proxy sees the requests, and refuses what passes no rule even where nothing isolates. */
  readonly redirects: boolean;
}

/** The variants of a rule; port rules that ask nothing of requests are taken together. */
export function compilePorts(rule: RawRule, direction: Direction, context: CiliumContext): PortVariant[] {
  if (rule.icmps !== null) {
    const include = rule.icmps.map(({ protocol, icmpType }): PortMatch => {
      // The agent keeps a type as a port, of which 0 is every one (CNP-67).
      return { type: 'icmp', protocol, icmpType: icmpType === 0 ? null : icmpType, code: null };
    });
    return [{ ports: { include, except: [] }, open: [], conditions: [], redirects: false }];
  }
  if (rule.ports === null) return [{ ports: ANY_PORT, open: [], conditions: [], redirects: false }];
  const plain: PortMatch[] = [];
  const out: PortVariant[] = [];
  for (const portRule of rule.ports) {
    for (const variant of compilePortRule(portRule, direction, context)) {
      const { include } = variant.ports;
      const asks = variant.open.length > 0 || variant.conditions.length > 0 || variant.redirects;
      if (!asks && include !== 'any') plain.push(...include);
      else out.push(variant);
    }
  }
  // A rule whose port rules name no port still stands, and matches nothing.
  if (plain.length > 0 || out.length === 0) {
    out.unshift({ ports: { include: plain, except: [] }, open: [], conditions: [], redirects: false });
  }
  return out;
}

function compilePortRule(rule: RawPortRule, direction: Direction, context: CiliumContext): PortVariant[] {
  // Where the agent knows no ranges the CRD has no `endPort`.
  const single = context.env.semantics.endPort !== 'exact';
  const matches = (ports: readonly RawPort[]): PortMatch[] => ports.flatMap((port) => portMatches(port, single));
  if (rule.listener !== null) return compileListener(rule.listener, matches(rule.ports), context);
  const conditions = requestConditions(rule);
  const { l7 } = rule;
  const mayPass = l7?.protocol === 'http' || l7?.protocol === 'dns';
  const redirects = l7 !== null && (context.options.requestsIsolate || !mayPass);
  const variant = (ports: readonly RawPort[], open: readonly Condition[]): PortVariant => {
    return { ports: { include: matches(ports), except: [] }, open, conditions, redirects };
  };
  const each = rule.ports.flatMap((port) => port.protocols.map((protocol) => ({ ...port, protocols: [protocol] })));
  const read = each.map((port) =>
    direction === 'egress' ? readName(port, context.env) : { certain: [port], open: [] },
  );
  const certain = read.flatMap((ports) => ports.certain);
  const open = read.flatMap((ports) => ports.open);
  return [
    ...(certain.length > 0 || open.length === 0 ? [variant(certain, [])] : []),
    ...open.map(({ port, why }) => variant([port], [{ type: 'unsupported', what: why }])),
  ];
}

/** What a port stands for, for certain or depending on the version of the agent. */
interface ReadPort {
  readonly certain: readonly RawPort[];
  readonly open: readonly { readonly port: RawPort; readonly why: string }[];
}

/** A port of egress with one protocol: a name may be the number that the pods of the cluster give it. (CNP-55) */
function readName(raw: RawPort, env: CompileEnv): ReadPort {
  const { port: name, protocols } = raw;
  const meaning = portNamesOf(env.semantics);
  if (typeof name !== 'string' || meaning === 'by-pod') return { certain: [raw], open: [] };
  const numbers = protocols.flatMap((protocol) => clusterNumbers(name, protocol, env));
  const everywhere = numbers.length === 1 ? numbers.map((port) => ({ ...raw, port, endPort: port })) : [];
  if (meaning === 'by-cluster') return { certain: everywhere, open: [] };
  if (numbers.length > 1) {
    return { certain: [], open: [{ port: raw, why: `pods give port name \`${name}\` different numbers` }] };
  }
  const why = `port name \`${name}\` may stand for its number at peers without such a port`;
  return { certain: [raw], open: everywhere.map((port) => ({ port, why })) };
}

function portMatches({ port, endPort, protocols }: RawPort, single: boolean): PortMatch[] {
  return protocols.map((protocol): PortMatch => {
    if (typeof port === 'string') return { type: 'named', protocol, name: port };
    if (!hasPorts(protocol)) return { type: 'protocol', protocol };
    if (port === 0 && (endPort === 0 || endPort === 65535 || single)) return { type: 'protocol', protocol };
    return { type: 'range', protocol, from: port, to: single || typeof endPort === 'string' ? port : endPort };
  });
}

function requestConditions(rule: RawPortRule): Condition[] {
  const out: Condition[] = [];
  if (rule.serverNames.length > 0) {
    const names = rule.serverNames.map((text) => namePattern({ exact: false, text }));
    out.push({ type: 'l7', protocol: 'tls', rules: [{ fields: { sni: names } }] });
  }
  if (rule.l7 !== null) {
    const { protocol, unsupported } = rule.l7;
    const rules: readonly L7Rule[] = rule.l7.rules;
    out.push({ type: 'l7', protocol, rules, transport: rule.terminatesTls ? 'tls' : 'clear' });
    for (const what of unsupported) out.push({ type: 'unsupported', what });
  }
  return out;
}
