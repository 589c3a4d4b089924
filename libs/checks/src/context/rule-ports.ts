import { TCP, UDP, protocolByName, field, isNamedBy } from '#engine';
import type { Endpoint, Json, PortMatch, Protocol } from '#engine';

import { somePort } from './audit-context.js';
import type { RuleView } from './policy-view.js';

/** A protocol and a port to ask about. */
export interface AskedPort {
  readonly protocol: Protocol;
  readonly port: number;
}

/** A port that a rule speaks of at a destination; what the destination serves where the rule says nothing of ports. */
export function rulePort(rule: RuleView, destination: Endpoint | null): AskedPort {
  const include = rule.entry?.ports.include ?? 'any';
  const serves = { protocol: TCP, port: destination === null ? 80 : somePort(destination) };
  if (include === 'any') return serves;
  for (const match of include) {
    const asked = askedPort(match, destination);
    if (asked !== null) return asked;
  }
  return serves;
}

function askedPort(match: PortMatch, destination: Endpoint | null): AskedPort | null {
  switch (match.type) {
    case 'range':
      return { protocol: match.protocol, port: match.from };
    case 'named': {
      const found = destination?.ports.find((port) => isNamedBy(port, match));
      return found === undefined ? null : { protocol: found.protocol, port: found.port };
    }
    case 'protocol':
      return match.protocol === TCP || match.protocol === UDP ? { protocol: match.protocol, port: 80 } : null;
    case 'icmp':
      return null;
  }
}

/** The protocol of a port as a NetworkPolicy writes it; TCP when it does not. */
export function writtenProtocol(port: Json): Protocol {
  const name = field(port, 'protocol');
  return typeof name === 'string' ? (protocolByName(name) ?? TCP) : TCP;
}
