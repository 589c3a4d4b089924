import { partition } from '../../base/index.js';
import { ANY_PORT, hasPorts } from '../../model/index.js';
import type { Condition, Direction, L7Rule, PortMatch, PortSpec, Protocol } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { egressName, namedPort } from '../shared/index.js';
import type { EgressName, NamedMatch } from '../shared/index.js';
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

/** Whether a variant is about what resolvers are asked. */
export function asksQuestions({ conditions }: PortVariant): boolean {
  return conditions.some((condition) => condition.type === 'l7' && condition.protocol === 'dns');
}

/** `ports` in two: those that are named by their number, and all others. */
export function byNumber({ include, except }: PortSpec): { readonly numbers: PortSpec; readonly others: PortSpec } {
  if (include === 'any') return { numbers: { include: [], except }, others: { include, except } };
  const [numbers, others] = partition(
    include,
    (match) => match.type === 'icmp' || (match.type === 'range' && match.from === match.to),
  );
  return { numbers: { include: numbers, except }, others: { include: others, except } };
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
  if (rule.listener !== null) return compileListener(rule.listener, portMatches(rule.ports, context.env), context);
  const conditions = requestConditions(rule);
  const { l7 } = rule;
  const redirects =
    l7 !== null && l7.protocol !== 'http' && (l7.protocol !== 'dns' || context.options.questionsIsolate);
  const variant = (include: readonly PortMatch[], open: readonly Condition[]): PortVariant => {
    return { ports: { include, except: [] }, open, conditions, redirects };
  };
  if (direction === 'ingress') return [variant(portMatches(rule.ports, context.env), [])];
  const read = rule.ports.flatMap((port) => port.protocols.map((protocol) => egressPort(port, protocol, context.env)));
  const certain = read.flatMap((ports) => ports.certain);
  const open = read.flatMap((ports) => ports.open);
  return [
    ...(certain.length > 0 || open.length === 0 ? [variant(certain, [])] : []),
    ...open.map(({ match, why }) => variant([match], [{ type: 'unsupported', what: why }])),
  ];
}

function egressPort(raw: RawPort, protocol: Protocol, env: CompileEnv): EgressName {
  if (typeof raw.port === 'string') return egressName(named(raw.port, protocol, env), protocol, env);
  return { certain: [portMatch(raw, protocol, env)], open: [] };
}

function portMatches(ports: readonly RawPort[], env: CompileEnv): PortMatch[] {
  return ports.flatMap((port) => port.protocols.map((protocol) => portMatch(port, protocol, env)));
}

/** Cilium learns names of ports from `containers` alone. (NP-53) */
function named(port: string, protocol: Protocol, { semantics }: CompileEnv): NamedMatch {
  return { ...namedPort(port, protocol, semantics), containers: 'main' };
}

function portMatch({ port, endPort }: RawPort, protocol: Protocol, env: CompileEnv): PortMatch {
  // Where the agent knows no ranges the CRD has no `endPort`.
  const single = env.semantics.endPort !== 'exact';
  if (typeof port === 'string') return named(port, protocol, env);
  if (!hasPorts(protocol)) return { type: 'protocol', protocol };
  if (port === 0 && (endPort === 0 || endPort === 65535 || single)) return { type: 'protocol', protocol };
  return { type: 'range', protocol, from: port, to: single || typeof endPort === 'string' ? port : endPort };
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
