import { hasPorts, isNamedBy, protocolName } from '../model/index.js';
import type { PortMatch, PortSpec } from '../model/index.js';
import type { Endpoint } from '../compile/endpoint.js';
import { MAYBE, NO, YES } from '../compile/match-selector.js';
import type { Tri } from '../compile/match-selector.js';
import type { Flow } from './flow.js';

/** Does the flow's protocol and port fall under `spec`? Port names are resolved at `destination`. */
export function matchPorts(spec: PortSpec, flow: Flow, destination: Endpoint): Tri {
  let result: Tri = spec.include === 'any' ? YES : anyMatch(spec.include, flow, destination);
  if (result !== NO && spec.except.length > 0) {
    const excluded = anyMatch(spec.except, flow, destination);
    if (excluded === YES) return NO;
    if (excluded === MAYBE) result = MAYBE;
  }
  return result;
}

function anyMatch(matches: readonly PortMatch[], flow: Flow, destination: Endpoint): Tri {
  let result: Tri = NO;
  for (const match of matches) {
    const value = matchOne(match, flow, destination);
    if (value === YES) return YES;
    if (value === MAYBE) result = MAYBE;
  }
  return result;
}

function matchOne(match: PortMatch, flow: Flow, destination: Endpoint): Tri {
  switch (match.type) {
    case 'protocol':
      return match.protocol === flow.protocol ? YES : NO;
    case 'range':
      if (match.protocol !== flow.protocol || flow.port === null) return NO;
      return match.from <= flow.port && flow.port <= match.to ? YES : NO;
    case 'named':
      if (flow.port === null || !hasPorts(flow.protocol)) return NO;
      if (match.notAtHosts === true && destination.kind === 'hostpod') return NO;
      for (const port of destination.ports) {
        if (port.port === flow.port && port.protocol === flow.protocol && isNamedBy(port, match)) return YES;
      }
      return NO;
    case 'icmp':
      if (match.protocol !== flow.protocol) return NO;
      if (match.icmpType === null) return YES;
      if (flow.icmp === undefined) return MAYBE;
      if (flow.icmp.type !== match.icmpType) return NO;
      if (match.code === null) return YES;
      if (flow.icmp.code === null) return MAYBE;
      return flow.icmp.code === match.code ? YES : NO;
  }
}

/** True when some match speaks of the flow's protocol at all; tells a port mismatch from a protocol mismatch. */
export function knowsProtocol(spec: PortSpec, flow: Flow): boolean {
  return (
    spec.include === 'any' ||
    spec.include.some(
      (match) => match.protocol === flow.protocol || (match.protocol === null && hasPorts(flow.protocol)),
    )
  );
}

/** `TCP 8080, 9000-9010`, `UDP dns`, `any port`; as people write it. */
export function describePorts(spec: PortSpec): string {
  const include = spec.include === 'any' ? 'any port' : describeMatches(spec.include);
  return spec.except.length === 0 ? include : `${include} except ${describeMatches(spec.except)}`;
}

function describeMatches(matches: readonly PortMatch[]): string {
  if (matches.length === 0) return 'no port';
  const [only] = matches;
  if (only !== undefined && matches.length === 1) {
    const text = describeMatch(only);
    return text === '' ? protocolOf(only) : `${protocolOf(only)} ${text}`;
  }
  const byProtocol = new Map<string, string[]>();
  for (const match of matches) {
    const name = protocolOf(match);
    const known = byProtocol.get(name) ?? [];
    byProtocol.set(name, known);
    known.push(describeMatch(match));
  }
  return [...byProtocol].map(([name, ports]) => (ports.includes('') ? name : `${name} ${ports.join(', ')}`)).join('; ');
}

function protocolOf({ protocol }: PortMatch): string {
  return protocol === null ? 'any protocol' : protocolName(protocol);
}

function describeMatch(match: PortMatch): string {
  switch (match.type) {
    case 'range':
      return match.from === match.to ? String(match.from) : `${match.from}-${match.to}`;
    case 'named':
      return match.name;
    case 'protocol':
      return '';
    case 'icmp':
      return match.icmpType === null ? '' : `type ${match.icmpType}${match.code === null ? '' : ` code ${match.code}`}`;
  }
}
